"""The back office in a real browser, full of a month's rows: axe finds nothing serious, and nothing runs over."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from billing.days import day_of
from billing.models import CostEntry, UsageRecord
from tenants.isolation.context import enter_platform
from tenants.models import Membership, Signup, SupportAccess, User
from tests.admin.clients import HOST
from tests.agents.factories import agent_of, make_run
from tests.billing.buyers import invoices, make_subscription, on
from tests.browser import needs_chromium, served, visited
from tests.factories import make_user

pytestmark = [needs_chromium, pytest.mark.usefixtures("aws")]


def furnish() -> list[str]:
    """Two customers in their month; the addresses of the pages about them."""
    now, owner, staff = timezone.now(), make_user(), User.objects.get(is_staff=True)
    today = day_of(now)
    subscription = on(date(2026, 1, 10), make_subscription())
    customer = subscription.tenant
    make_subscription(agreed=False, trial_ends_on=date(2099, 1, 1))
    for back in range(25):
        day, unit = today - timedelta(days=back), 1 + back * 7 % 11
        CostEntry.objects.create(tenant=customer, day=day, kind="shared.database", micro_usd=unit * 1_310_000)
        UsageRecord.objects.create(
            tenant=customer, day=day, kind="model.x.input_token", source="run:1", quantity=unit * 90_000
        )
    for number in range(4):
        Signup.objects.create(
            company="Lumen Bikes", subdomain=f"x{number}", person="X", email=f"x{number}@example.com", plan="team",
            expires_at=now, confirmed_at=now if number else None, made_at=now if number > 2 else None,
        )  # fmt: skip
    Membership.objects.create(tenant=customer, user=owner, role="owner")
    SupportAccess.objects.create(
        tenant=customer, staff=staff, staff_email=staff.email, reason="They see no drafts", started_at=now,
        expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    agent = agent_of(customer)
    run = make_run(agent, state="failed", exit_code=1, stopped_at=now, stopped_reason="OutOfMemoryError: " + "x" * 90)
    bill = invoices(subscription)[0]
    return [
        "/", f"/tenants/customer/{customer.id}/change/", f"/agents/agent/{agent.id}/change/",
        f"/agents/agentrun/{run.id}/change/", f"/billing/subscription/{subscription.pk}/change/",
        f"/billing/invoice/{bill.pk}/change/", "/billing/invoice/", "/tenants/signup/", "/tenants/supportaccess/",
    ]  # fmt: skip


def test_every_page_is_fit_for_everybody(staff: Client) -> None:
    with enter_platform():
        pages = {"staff": furnish()}
    with served() as port:
        assert visited(pages, {"staff": (staff, HOST["host"])}, port) == {}
