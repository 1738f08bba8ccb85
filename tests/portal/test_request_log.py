"""What the web process writes about requests: enough to work with, and no link that opens something."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core import mail
from django.test import Client

from tenants.gmail.services import connect_url
from tenants.isolation.context import enter_platform
from tenants.members.services import member_add
from tenants.models import Customer
from tests.platform.images import ROOT, Images, command_of, compose
from tests.portal.factories import make_draft
from tests.portal.test_members import link_in, set_password
from tests.portal.test_sign_in import token_for
from tests.portal.visitors import PUBLIC, Visitor, make_member, path_of, visitor_of


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What goes to standard error by the settings' own handler."""
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def lines_of(log: io.StringIO) -> list[str]:
    """Each request's line without its time."""
    told = [line.partition(" openclaw_site.request_log ")[2] for line in log.getvalue().splitlines()]
    return [re.sub(r"\d+ ms", "… ms", line) for line in told if line]


def test_one_line_a_request_with_what_an_operator_needs(customer: Customer, log: io.StringIO) -> None:
    client, draft = visitor_of(customer), make_draft(customer)
    log.truncate(0)
    client.get(f"/drafts/{draft.id}/?show=hush")
    client.get("/")
    Client(headers={"host": "nobody.localhost"}).get("/hush/")
    Client(headers={"host": "evil.example"}).get("/hush/")
    assert lines_of(log) == [
        f"GET /drafts/<uuid:draft_id>/ 200 … ms {customer.host}",
        f"GET / 200 … ms {customer.host}",
        "GET - 404 … ms nobody.localhost",
        "GET - 400 … ms -",
    ]
    assert "hush" not in log.getvalue()
    assert str(draft.id) not in log.getvalue()


@pytest.mark.usefixtures("eager")
def test_no_link_that_opens_something_is_in_any_line(customer: Customer, log: io.StringIO) -> None:
    with enter_platform():
        member_add(customer=customer, email="anna@harborline.example")
        intent = httpx.URL(connect_url(customer=customer, actor=None)).params["intent"]
    link, visitor = link_in(str(mail.outbox[0].body)), Visitor()
    token = link.strip("/").split("/")[-1]
    wrong = Client(headers={"host": PUBLIC}, enforce_csrf_checks=True)
    assert wrong.put(link).status_code == 403
    assert wrong.delete(f"{link}more/é").status_code == 404
    assert Client(headers={"host": PUBLIC}).get(f"{link}more/é").status_code == 404
    assert Client(headers={"host": PUBLIC}).get("/gmail/connect/", {"intent": intent}).status_code == 200
    assert set_password(visitor, link).status_code == 302
    entered = token_for(customer, make_member(customer), Visitor())
    Visitor().open(entered)
    text = log.getvalue()
    assert "Forbidden (CSRF cookie not set.): /password/<uidb64>/<token>/" in text
    assert "GET /password/<uidb64>/<token>/ 302" in text
    for secret in (token, intent, httpx.URL(entered).params["token"], "anna@", link.strip("/").split("/")[1] + "/"):
        assert secret not in text


@pytest.mark.usefixtures("eager")
def test_link_leaves_the_address_before_a_page_could_pass_it_on(customer: Customer) -> None:
    with enter_platform():
        member_add(customer=customer, email="anna@harborline.example")
    link, visitor = link_in(str(mail.outbox[0].body)), Visitor()
    token = link.strip("/").split("/")[-1]
    reply = visitor.open(f"http://{PUBLIC}{link}")
    assert (reply.status_code, token in reply["Location"]) == (302, False)
    assert reply["Referrer-Policy"] == "same-origin"
    page, address = visitor.follow(reply, PUBLIC)
    assert token not in address
    assert token not in page.content.decode()
    stranger: Any = Visitor().open(f"http://{PUBLIC}{path_of(address)}")
    assert "does not hold any more" in stranger.content.decode()


def test_web_servers_own_log_of_addresses_is_off_everywhere(tmp_path: Any) -> None:
    commands: list[Any] = [
        command_of(Images(ROOT, tmp_path).stages["backoffice"]),
        compose(ROOT)["web"]["command"],
        (ROOT / "openclaw_site/demo/stack.py").read_text().split(),
    ]
    for command in commands:
        assert not [word for word in command if "access-log" in str(word)]
