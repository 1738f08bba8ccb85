"""The portal's pages in a real browser, on a phone and on a desk: axe finds nothing serious, and nothing runs over.

With SHOTS=FOLDER in the environment each page's picture is left there, to be looked at.
"""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import Client
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.workspace.models import Draft, Profile
from billing.models import CardVisit, UsageRecord
from billing.services import invoice_issue, subscription_begin
from openclaw_site.wsgi import application
from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.services import invitation_link
from tenants.models import Customer, DataExport, GmailConnection, Invitation, User
from tests.browser import launch, needs_chromium, troubles
from tests.gmail.visit import GMAIL_SCOPE
from tests.portal.factories import fill, make_activity, make_draft, make_lead
from tests.portal.visitors import PUBLIC, make_member, membership_of, path_of

pytestmark = needs_chromium
WIDTHS = (390, 1280)
STATUS = {("member", "/account/close/"): 403, ("newcomer", "/gone/"): 404, ("stranger", "/gone/"): 404}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the request log tells the same."""


@pytest.fixture
def port(customer: Customer) -> Iterator[int]:
    """Where this process serves all hosts; a thread for each connection, as a browser opens some in advance."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def furnish(customer: Customer, anna: User) -> list[str]:
    """A customer in which much has happened; the addresses of its pages."""
    fill(customer)
    now = timezone.now()
    lead = make_lead(customer, name="Mia " + "Long" * 12, email=f"{'very' * 12}@hush.example", score=95)
    draft = make_draft(customer, lead=lead, subject="Re: " + "roof" * 20)
    make_draft(customer, status="approved", decided_by=anna.email, decided_at=now)
    with enter_customer(customer.id):
        Profile.objects.create(tenant_id=customer.id, tone="Short.", facts="Roofs.\nNo cellars.")
        assert Draft.objects.count() == 3
    ben = make_member(customer, email="ben@harborline.example")
    with enter_platform():
        for role, state in (("butler", "succeeded"), ("scout", "failed"), ("writer", "running")):
            agent = Agent.objects.create(tenant=customer, role=role, next_run_at=now + timedelta(minutes=9))
            run = AgentRun.objects.create(
                tenant=customer, agent=agent, trigger="schedule", state=state,
                stopped_at=None if state == "running" else now,
            )  # fmt: skip
            make_activity(customer, agent_role=role, agent_run_id=run.id)
        GmailConnection.objects.filter(tenant=customer).update(
            state="connected", google_email=customer.email, connected_at=now, connected_by=anna, scopes=[GMAIL_SCOPE]
        )
        Invitation.objects.create(tenant=customer, email="carla@harborline.example", expires_at=now + timedelta(days=7))
        for state in ("ready", "expired", "running"):
            DataExport.objects.create(
                tenant=customer, state=state, requested_by=anna, expires_at=now, size_bytes=123_456, parts_done=3,
                parts_total=8,
            )  # fmt: skip
    with enter_platform():
        subscription = subscription_begin(customer=customer, agreed=True)
        invoice = invoice_issue(
            subscription=subscription, period_start=now.date(), period_end=now.date() + timedelta(days=30),
            issued_on=now.date(),
        )  # fmt: skip
        for kind, quantity in (("fargate.spot.vcpu_second", 123_456), ("model.x.input_token", 12_345_678)):
            UsageRecord.objects.create(tenant=customer, day=now.date(), kind=kind, source="run:1", quantity=quantity)
        visit = CardVisit.objects.create(tenant=customer, subscription=subscription, kind="portal")
    return [
        "/billing/", "/billing/usage/", f"/billing/card/{visit.id}/", f"/billing/invoices/{invoice.id}/", "/support/",
        "/", "/messages/", "/leads/", "/leads/?q=nobody&score=x", f"/leads/{lead.id}/", "/drafts/",
        f"/drafts/{draft.id}/", "/briefs/", "/activity/", "/profile/", "/hours/", "/connection/",
        "/connection/disconnect/", "/team/", f"/team/{membership_of(ben).id}/", "/team/leave/", "/mail/",
        "/account/", "/account/close/",
    ]  # fmt: skip


def look(pages: dict[str, list[str]], clients: dict[str, tuple[Client, str]], port: int) -> dict[str, Any]:
    """The troubles of each page for each person, at each width, in light and dark."""
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for who, (client, host) in clients.items():
            for width, scheme in zip(WIDTHS, ("dark", "light"), strict=True):
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                context.add_cookies(
                    [
                        {"name": name, "value": morsel.value, "domain": host, "path": "/"}
                        for name, morsel in client.cookies.items()
                    ]
                )
                page = context.new_page()
                for path in pages[who]:
                    reply = page.goto(f"http://{host}:{port}{path}", wait_until="load")
                    assert reply is not None
                    expected = STATUS.get((who, path), 200)
                    if reply.status != expected or (trouble := troubles(page)):
                        found[f"{who} {width} {path}"] = (reply.status, [] if reply.status != expected else trouble)
                    if folder := os.environ.get("SHOTS"):
                        name = path.partition("?")[0].strip("/").replace("/", "-")[:20] or "overview"
                        page.screenshot(path=Path(folder) / f"{who}-{width}-{name}.png", full_page=True)
                context.close()
        browser.close()
    return found


def visited(pages: dict[str, list[str]], clients: dict[str, tuple[Client, str]], port: int) -> dict[str, Any]:
    """`look`, in a thread: the browser's loop must not run in the one that holds the test's database connection."""
    found: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: found.append(look(pages, clients, port)))
    thread.start()
    thread.join()
    return found[0]


def test_every_page_is_fit_for_everybody(
    customer: Customer, anna: User, owner: Client, member: Client, port: int
) -> None:
    empty = ["/", "/drafts/", "/leads/", "/messages/", "/briefs/", "/activity/", "/profile/", "/billing/", "/gone/"]
    found = visited({"newcomer": empty}, {"newcomer": (owner, customer.host)}, port)
    pages = {"owner": furnish(customer, anna), "member": ["/connection/", "/team/", "/account/", "/account/close/"]}
    with enter_platform():
        link = invitation_link(invitation=Invitation.objects.get())
    pages["invited"] = [path_of(link)]
    pages["stranger"] = ["/", "/prices/", "/sign-up/", "/login/", "/password/", "/gone/"]
    clients = {
        "owner": (owner, customer.host),
        "member": (member, customer.host),
        "invited": (Client(), PUBLIC),
        "stranger": (Client(), PUBLIC),
    }
    assert found | visited(pages, clients, port) == {}
