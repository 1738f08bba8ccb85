"""What the agents used, by month and day, as any member reads it: one's own, in words, and never our costs."""

import csv
import io
import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.test import Client

from billing.models import CostEntry, Plan, UsageRecord
from billing.selectors import usage_by_day, usage_by_month
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer
from tests.agents.workspaces import spend
from tests.portal.visitors import visitor_of

PAGE = "/billing/usage/"
NOVEMBER = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are read on 26 November 2026."""
    monkeypatch.setattr("billing.views.usage.day_of", lambda moment: NOVEMBER)


def use(customer: Customer, day: date, *, seconds: int, tokens: int, cents: int = 0) -> None:
    """One run's records of a day, with what it spent of the plan's 5,000 cents."""
    with enter_platform():
        source = f"run:{customer.slug}"
        for kind, quantity in (
            ("fargate.spot.vcpu_second", seconds), ("fargate.spot.gib_second", 9_999),
            ("model.x.input_token", tokens), ("model.x.cache_read_token", tokens), ("customer.day", 1),
        ):  # fmt: skip
            UsageRecord.objects.create(tenant=customer, day=day, kind=kind, source=source, quantity=quantity)
        CostEntry.objects.create(tenant=customer, day=day, kind="fargate.spot.vcpu_second", micro_usd=77_000_000)
    if cents:
        spend(customer, cents * 10_000, at=datetime.combine(day, time(23, 59), tzinfo=UTC))


def rows(reply: Any) -> list[list[str]]:
    """The cells of every row with any, as a person reads them."""
    assert reply.status_code == 200
    found = re.findall(r"<tr>(.*?)</tr>", reply.content.decode(), re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def test_months_and_the_days_of_the_newest_one(member: Client, customer: Customer, other: Customer) -> None:
    use(customer, date(2026, 10, 31), seconds=3_600, tokens=50, cents=1_000)
    use(customer, date(2026, 11, 1), seconds=7_200, tokens=1_000_000, cents=500)
    use(customer, NOVEMBER, seconds=1_800, tokens=5, cents=125)
    use(other, NOVEMBER, seconds=999_999, tokens=999_999, cents=4_000)
    reply = member.get(PAGE)
    found = rows(reply)
    assert found[1:3] == [
        ["Nov 2026", "2.50", "2,000,010", "12.5 %"],
        ["Oct 2026", "1.00", "100", "20.0 %"],
    ]
    assert found[4] == ["Sun 1", "2.00", "2,000,000", "10.0 %"]
    assert found[5] == ["Mon 2", "0.00", "0", "0.0 %"]
    assert found[-1] == ["Thu 26", "0.50", "10", "2.5 %"]
    assert len(found) == 1 + 2 + 1 + 26
    assert re.findall(r'<rect width="(\d+)"', reply.content.decode())[0::25] == ["100", "25"]
    assert "77" not in "".join(cell for row in found for cell in row)
    october = rows(member.get(f"{PAGE}?month=2026-10"))
    assert (len(october), october[-1]) == (1 + 2 + 1 + 31, ["Sat 31", "1.00", "100", "20.0 %"])


def test_twelve_months_and_no_more(member: Client, customer: Customer) -> None:
    for day in (date(2025, 11, 30), date(2025, 12, 1)):
        use(customer, day, seconds=3_600, tokens=1)
    assert [row[0] for row in rows(member.get(PAGE))[1:2]] == ["Dec 2025"]
    assert "November 2025" not in member.get(f"{PAGE}?month=2025-11").content.decode()


def test_without_a_model_budget_there_is_no_share_of_it(member: Client, customer: Customer) -> None:
    with enter_platform():
        Plan.objects.create(code="bare", name="Bare", price_cents=1, model_budget_cents=0)
        Customer.objects.filter(pk=customer.pk).update(plan="bare")
    try:
        use(customer, NOVEMBER, seconds=3_600, tokens=1, cents=5)
        assert rows(member.get(PAGE))[1] == ["Nov 2026", "1.00", "2", "-"]
        assert "2026-11-26,1.0000,2,\r\n" in member.get(f"{PAGE}usage.csv").content.decode()
    finally:
        with enter_platform():
            Plan.objects.filter(code="bare").delete()


def test_before_the_first_run_it_says_so(member: Client) -> None:
    for query in ("", "?month=2026-11", "?month=nonsense"):
        assert "Nothing was counted yet." in member.get(PAGE + query).content.decode()
    assert len(member.get(f"{PAGE}usage.csv").content.splitlines()) == 1


def test_the_days_are_downloaded_as_a_table(member: Client, customer: Customer) -> None:
    use(customer, date(2026, 10, 31), seconds=90, tokens=1_000, cents=1)
    use(customer, NOVEMBER, seconds=3_600, tokens=0)
    reply = member.get(f"{PAGE}usage.csv")
    assert reply["Content-Disposition"].startswith('attachment; filename="usage-harborline-')
    assert list(csv.reader(io.StringIO(reply.content.decode())))[1:] == [
        ["2026-10-31", "0.0250", "2000", "0.02"],
        ["2026-11-26", "1.0000", "0", "0.00"],
    ]


def test_months_add_up_their_days(customer: Customer) -> None:
    for day in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)):
        use(customer, day, seconds=3_600, tokens=1, cents=50)
    with enter_customer(customer.pk):
        days = usage_by_day(customer_id=customer.pk, plan=customer.plan, first=date(2028, 2, 1), last=date(2028, 3, 31))
    assert len(days) == 29 + 31
    assert [(one.first.month, one.vcpu_hours, one.budget_percent) for one in usage_by_month(days=days)] == [
        (3, 1, 1),
        (2, 2, 2),
    ]


def test_a_stranger_is_sent_to_sign_in_and_another_customer_sees_its_own(customer: Customer, other: Customer) -> None:
    use(customer, NOVEMBER, seconds=3_600, tokens=1)
    stranger = Client(headers={"host": customer.host})
    for page in (PAGE, f"{PAGE}usage.csv"):
        assert stranger.get(page)["Location"].startswith("/login/")
    assert "Nothing was counted yet." in visitor_of(other).get(PAGE).content.decode()
