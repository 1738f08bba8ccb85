"""Requests as a collector is told of them: the way they went, and nothing that somebody typed."""

import time
from typing import Any

import httpx
import pytest
from django.core import mail
from django.test import Client

from openclaw_site.observe.leaving import KEPT
from tenants.gmail.services import connect_url
from tenants.isolation.context import enter_platform
from tenants.members.services import member_add
from tenants.models import Customer
from tests.observe.collector import Collector
from tests.observe.tracing import told, traced
from tests.portal.factories import make_draft
from tests.portal.test_members import NEW_PASSWORD, link_in, set_password
from tests.portal.test_sign_in import token_for
from tests.portal.visitors import PUBLIC, Visitor, make_member, visitor_of


def test_a_page_is_told_by_its_pattern_with_what_it_asked(
    settings: Any, collector: Collector, customer: Customer
) -> None:
    browser, draft = visitor_of(customer), make_draft(customer)
    browser = _again(browser)
    spans, reply = told(settings, collector, lambda: browser.get(f"/drafts/{draft.id}/?show=hush"))
    assert reply.status_code == 200
    [page] = [span for span in spans if span.kind == "SERVER"]
    assert page.name == "GET /drafts/<uuid:draft_id>/"
    assert page.attributes == {
        "http.method": "GET",
        "http.scheme": "http",
        "http.host": customer.host,
        "http.route": "drafts/<uuid:draft_id>/",
        "http.target": "/drafts/<uuid:draft_id>/",
        "http.status_code": 200,
        "tenant.id": customer.tenant_hex,
        "aws.xray.annotations": ["tenant.id"],
    }
    assert (page.resource["service.name"], page.resource["openclaw.process"]) == ("openclaw-test-web", "web")
    statements = [span for span in spans if span.attributes.get("db.system") == "postgresql"]
    assert "SELECT drafts" in {span.name for span in statements}
    assert {(span.trace, span.attributes["tenant.id"]) for span in statements} == {(page.trace, customer.tenant_hex)}
    assert collector.paths == ["/v1/traces"] * len(collector.paths)
    for hidden in ("hush", str(draft.id), draft.id.hex, f"t_{customer.tenant_hex}", draft.subject, "search_path"):
        assert hidden not in collector.text


def _again(browser: Client) -> Client:
    """The same browser before a server that was started anew: a client keeps the middleware of its first page."""
    fresh = Client()
    fresh.defaults, fresh.cookies = browser.defaults, browser.cookies
    return fresh


@pytest.mark.usefixtures("eager")
def test_no_link_that_opens_something_and_nothing_typed_leaves(
    settings: Any, collector: Collector, customer: Customer
) -> None:
    def visits() -> list[str]:
        with enter_platform():
            member_add(customer=customer, email="anna@harborline.example")
            intent = httpx.URL(connect_url(customer=customer, actor=None)).params["intent"]
        link, visitor = link_in(str(mail.outbox[0].body)), Visitor()
        _, uid, token = link.strip("/").split("/")
        page = Client(headers={"host": PUBLIC, "referer": f"http://{PUBLIC}{link}", "user-agent": "hush/1.0"})
        assert page.get("/gmail/connect/", {"intent": intent}).status_code == 200
        assert page.get(f"{link}more/é").status_code == 404
        assert Client(headers={"host": PUBLIC}, enforce_csrf_checks=True).put(link).status_code == 403
        assert set_password(visitor, link).status_code == 302
        entered = token_for(customer, make_member(customer), Visitor())
        assert Visitor().open(entered).status_code == 403, "another browser's"
        cookies = [cookie.value for one in visitor.clients.values() for cookie in one.cookies.values()]
        return [
            *(intent, token, f"/{uid}/", httpx.URL(entered).params["token"], "hush", "é"),
            *("anna@", "harborline.example", NEW_PASSWORD, customer.email, customer.name, "referer", "Cookie"),
            *(cookie for cookie in cookies if len(cookie) > 10),
        ]

    spans, secrets = told(settings, collector, visits)
    names = {span.name for span in spans}
    assert {"GET /password/<uidb64>/<token>/", "PUT /password/<uidb64>/<token>/", "GET /gmail/connect/"} <= names
    assert {"SELECT tenants_gmailintent", "SELECT tenants_user", "UPDATE tenants_user"} <= names
    assert "GET" in names, "a page that there is not has no pattern"
    assert {name for span in spans for name in span.attributes} <= {*KEPT, "http.target", "aws.xray.annotations"}
    assert len(secrets) > 14
    for secret in secrets:
        assert secret not in collector.text


def test_an_error_is_told_by_its_class(
    settings: Any, collector: Collector, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*, email: str) -> None:
        raise RuntimeError("Dear Olivia, here is the offer you asked for")

    monkeypatch.setattr("tenants.members.views.public.password_ask", fails)
    browser = Client(headers={"host": PUBLIC}, raise_request_exception=False)
    spans, reply = told(settings, collector, lambda: browser.post("/password/", {"email": "olivia@roofing.example"}))
    assert reply.status_code == 500
    [page] = [span for span in spans if span.kind == "SERVER"]
    assert (page.is_error, page.attributes["http.status_code"]) == (True, 500)
    assert page.events == [("exception", {"exception.type": "RuntimeError"})]
    for hidden in ("Olivia", "olivia", "offer", "Traceback"):
        assert hidden not in collector.text


def test_a_stranger_decides_neither_what_is_traced_nor_under_which_number(
    settings: Any, collector: Collector, database: None
) -> None:
    number = "1-" + f"{int(time.time()):08x}" + "-" + "0" * 23 + "1"
    header = {"host": PUBLIC, "x-amzn-trace-id": f"Root={number};Parent=00000000000000ff;Sampled=1"}
    spans, _ = told(settings, collector, lambda: Client(headers=header).get("/login/"), ratio=0.0)
    assert spans == []
    header["x-amzn-trace-id"] = header["x-amzn-trace-id"].replace("Sampled=1", "Sampled=0")
    spans, _ = told(settings, collector, lambda: Client(headers=header).get("/login/"))
    [page] = [span for span in spans if span.kind == "SERVER"]
    assert page.parent == ""
    assert page.trace != number.replace("1-", "", 1).replace("-", "")


def test_load_balancer_and_strangers_are_answered_as_before(
    settings: Any, collector: Collector, database: None, caplog: Any
) -> None:
    """The load balancer asks by the task's address, which is no host of ours."""

    def visits() -> list[int]:
        asked = (("10.0.1.17:8000", "/healthz"), ("evil.example", "/login/"), ("nobody.localhost", "/"))
        return [Client(headers={"host": host}).get(path).status_code for host, path in asked]

    spans, replies = told(settings, collector, visits)
    assert replies == [200, 400, 404]
    assert spans == []
    assert [record.getMessage() for record in caplog.records] == ["Bad Request: -", "Not Found: -"]


def test_a_collector_that_is_away_holds_nobody_up(settings: Any, database: None, caplog: Any) -> None:
    with traced(settings, None):
        begun = time.monotonic()
        assert Client(headers={"host": PUBLIC}).get("/login/").status_code == 200
        assert time.monotonic() - begun < 1
    assert time.monotonic() - begun < 8
    assert "127.0.0.1" in caplog.text
