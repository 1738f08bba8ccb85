"""The front page's figures: right, for those who may see them, and with links to the rows that they count."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing.days import day_of
from billing.models import CostEntry, Invoice, UsageRecord
from tenants.isolation.context import enter_platform
from tenants.models import GmailConnection, Signup
from tests.admin.clients import staff_with
from tests.billing.buyers import make_subscription, on

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def month() -> None:
    """A customer that pays 500 dollars and cost 3, half of a sign-up funnel, one broken Gmail."""
    today = day_of(timezone.now())
    with enter_platform():
        customer = on(today, make_subscription(trial_ends_on=today - timedelta(days=3))).tenant
        make_subscription(agreed=False, trial_ends_on=date(2099, 1, 1))
        CostEntry.objects.create(tenant=customer, day=today, kind="shared.database", micro_usd=3_000_000)
        UsageRecord.objects.create(
            tenant=customer, day=today, kind="model.x.input_token", source="run:1", quantity=1_234
        )
        GmailConnection.objects.filter(tenant=customer).update(state="needs_reconnect")
        for number, confirmed in enumerate((None, timezone.now())):
            Signup.objects.create(
                company="X", subdomain=f"x{number}", person="X", email=f"x{number}@example.com", plan="team",
                expires_at=timezone.now(), confirmed_at=confirmed,
            )  # fmt: skip


def shown(client: Client) -> str:
    return html.unescape(client.get("/").content.decode())


def rows(page: str) -> dict[str, list[str]]:
    """The figures in the charts' tables, those of a label in all of them."""
    found: dict[str, list[str]] = {}
    for label, cells in re.findall(r'<th scope="row"[^>]*>([^<]+)</th>((?:<td[^>]*>[^<]+</td>)+)', page):
        found.setdefault(label, []).extend(re.findall(r">([^<]+)<", cells))
    return found


def test_figures_are_those_of_the_rows(staff: Client, month: None) -> None:
    page = shown(staff)
    found = rows(page)
    today = day_of(timezone.now())
    with enter_platform():
        invoiced = Invoice.objects.get(period_start__lte=today, period_end__gt=today)
    assert found["Begun"] == ["2.0"]
    assert found["Confirmed"] == ["1.0"]
    assert "Made" not in found
    assert found["Needs to be connected again"] == ["1.0"]
    # Revenue, cost and margin in dollars, then tokens.
    days = (invoiced.period_end - invoiced.period_start).days
    brought = float(found[f"{today:%-d %b}"][0])
    assert brought == pytest.approx(500 / days, abs=0.01)
    assert found[f"{today:%-d %b}"][1:] == ["3.0", str(round(brought - 3, 2)), "1234.0"]
    assert "$500.00</span> Recurring revenue a month" in page
    assert ">1</span> Trial" in page


def test_each_number_leads_to_its_rows(staff: Client, month: None) -> None:
    page = shown(staff)
    links = re.findall(r'href="(/[^"]*\?[^"]+)"', page)
    assert len(links) >= 8
    for link in links:
        reply: Any = staff.get(link)
        assert reply.status_code == 200, link
    paying = staff.get("/billing/subscription/?state__in=active,past_due").context["cl"]
    assert [one.state for one in paying.result_list] == ["active"]


def test_who_may_not_see_money_sees_none(month: None) -> None:
    page = shown(staff_with("view_customer"))
    assert "Gmail connections" in page
    assert "Recurring revenue" not in page
    assert "Revenue, cost and margin" not in page
    assert "Tokens by day" not in page


def test_an_empty_business_says_so(staff: Client) -> None:
    assert shown(staff).count("Nothing to show yet.") == 5
