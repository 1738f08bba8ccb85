"""The portal's pages in a real browser, on a phone and on a desk: axe finds nothing serious, and nothing runs over."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.workspace.models import Draft, Profile
from billing.models import CardVisit, UsageRecord
from billing.services import invoice_issue, subscription_begin
from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.services import invitation_link
from tenants.models import Customer, DataExport, GmailConnection, Invitation, User
from tests.browser import needs_chromium, served, visited
from tests.gmail.visit import GMAIL_SCOPE
from tests.portal.factories import fill, make_activity, make_draft, make_lead
from tests.portal.visitors import PUBLIC, make_member, membership_of, path_of

pytestmark = needs_chromium
STATUS = {("member", "/account/close/"): 403, ("newcomer", "/gone/"): 404, ("stranger", "/gone/"): 404}


@pytest.fixture
def port(customer: Customer) -> Iterator[int]:
    with served() as port:
        yield port


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


def test_every_page_is_fit_for_everybody(
    customer: Customer, anna: User, owner: Client, member: Client, port: int
) -> None:
    empty = ["/", "/leads/", "/messages/", "/gone/"]
    found = visited({"newcomer": empty}, {"newcomer": (owner, customer.host)}, port, STATUS)
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
    assert found | visited(pages, clients, port, STATUS) == {}
