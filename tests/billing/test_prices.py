"""The table of prices: which price holds, what a month's days cost, and that the agents count with the same."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agents.runtime.bridge.meter import Usage
from agents.runtime.bridge.prices import PRICES, UnknownModel, cost_micro_usd
from billing.days import day_of, days_between
from billing.errors import PriceMissing
from billing.models import BudgetAlert, LossAlert, Price
from billing.platform import PLATFORMS
from billing.pricing import model_code, price_book
from billing.services import costs_derive, usage_meter
from tests.admin.clients import signed_in, staff_with
from tests.billing.usage import DAY, at, cost, old_customer, price, run_of
from tests.factories import make_staff

REGION = "eu-central-1"


@pytest.mark.parametrize("name", PRICES)
@pytest.mark.parametrize(
    "form", ["{}", "global.anthropic.{}-20251001-v1:0", "eu.anthropic.{}-20250929-v1:0", "anthropic.{}-20250929-v1:0"]
)
def test_the_table_says_what_the_bridge_counts_by(name: str, form: str) -> None:
    """The bridge keeps a budget with prices of its own; the two lists must not part."""
    model, prices, million = form.format(name), price_book(day=DAY), Decimal(1_000_000)
    for kind, usage in {
        "input_token": Usage(input_tokens=1_000_000),
        "output_token": Usage(output_tokens=1_000_000),
        "cache_read_token": Usage(cache_read_tokens=1_000_000),
        "cache_write_token": Usage(cache_write_tokens=1_000_000),
    }.items():
        ours = prices.micro_usd(code=model_code(model, kind), region="", quantity=million)
        assert ours == cost_micro_usd(model, usage), (model, kind)


def test_a_model_without_a_price_is_refused() -> None:
    with pytest.raises(UnknownModel):
        model_code("gpt-1", "input_token")


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
@pytest.mark.parametrize("size", PLATFORMS)
def test_everything_that_stands_there_has_a_price(size: str, region: str) -> None:
    prices = price_book(day=DAY)
    for part in PLATFORMS[size]:
        assert part.micro_usd_of_day(prices, region) >= 0


def test_every_price_names_its_source_and_date() -> None:
    for row in Price.objects.exclude(code="model.unknown.micro_usd"):
        assert "https://" in row.source and row.unit and row.valid_from <= DAY, row


def test_the_newest_price_that_is_in_force_holds_and_the_regions_own_before_everybodys() -> None:
    for usd, day in (("2", date(2026, 11, 10)), ("4", date(2026, 11, 20)), ("8", date(2026, 12, 1))):
        price("test.hour", usd, day)
    price("test.hour", "16", date(2026, 11, 1), region="moon-1")

    def on(day: date, region: str = REGION) -> Decimal:
        return price_book(day=day).find("test.hour", region).usd

    assert [on(date(2026, 11, day)) for day in (10, 19, 20, 30)] == [2, 2, 4, 4]
    assert (on(date(2026, 12, 1)), on(date(2026, 11, 20), "moon-1")) == (8, 16)
    with pytest.raises(PriceMissing) as missing:
        on(date(2026, 11, 9))
    assert "no price test.hour in eu-central-1 for 2026-11-09" in str(missing.value)
    assert "the code test.hour" in missing.value.next_action and "2026-11-09 or before" in missing.value.next_action


@pytest.mark.parametrize("first", [date(2027, 2, 1), date(2028, 2, 1), date(2026, 11, 1), date(2026, 12, 1)])
@pytest.mark.parametrize("usd", ["0.40", "0.01", "1", "0.000001", "31.999999"])
def test_the_days_of_a_month_cost_exactly_its_price(first: date, usd: str) -> None:
    price("test.month", usd, date(2026, 11, 1))
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    days = [
        price_book(day=day).micro_usd(code="test.month", region="", quantity=Decimal(1))
        for day in days_between(first, last)
    ]
    assert sum(days) == round(Decimal(usd) * 1_000_000)
    assert max(days) - min(days) <= 1


def test_two_prices_of_one_day_and_negative_ones_can_not_be() -> None:
    price("test.hour", "1", DAY)
    for usd in ("2", "-1"):
        with pytest.raises(IntegrityError), transaction.atomic():
            price("test.hour" if usd == "2" else "test.other", usd, DAY)


def test_staff_add_a_price_and_can_not_change_one_that_is_in_force() -> None:
    staff = signed_in(make_staff().email)
    tomorrow = day_of(timezone.now()) + timedelta(days=1)
    form = {
        "code": "nat.hour", "region": REGION, "unit": "gateway-hour", "usd": "0.06", "per": "1",
        "valid_from": tomorrow.isoformat(), "source": "Amazon VPC pricing, read again",
    }  # fmt: skip
    assert staff.post("/billing/price/add/", form).status_code == 302
    added = Price.objects.get(code="nat.hour", region=REGION, valid_from=tomorrow)
    assert staff.post(f"/billing/price/{added.pk}/change/", {**form, "usd": "0.07"}).status_code == 302
    assert Price.objects.get(pk=added.pk).usd == Decimal("0.07")
    assert "already exists" in staff.post("/billing/price/add/", form).content.decode()
    assert "equal to 0" in staff.post("/billing/price/add/", {**form, "usd": "-1"}).content.decode()
    old = Price.objects.get(code="nat.hour", region=REGION, valid_from__lt=tomorrow)
    assert staff.post(f"/billing/price/{old.pk}/change/", {**form, "usd": "9"}).status_code == 403
    assert staff.post(f"/billing/price/{old.pk}/delete/", {"post": "yes"}).status_code == 403
    old.refresh_from_db()
    assert old.usd == Decimal("0.052")


def test_who_may_not_see_costs_does_not() -> None:
    visitor = staff_with("view_customer")
    for table in ("price", "usagerecord", "costentry", "budgetalert", "lossalert"):
        assert visitor.get(f"/billing/{table}/").status_code == 403, table


def test_staff_see_what_was_used_and_what_it_cost() -> None:
    customer = old_customer(name="Aurora Dental")
    run_of(customer, at(24, 9), 3_600, capacity_provider="FARGATE", cpu=1024)
    usage_meter(day=DAY, now=at(25))
    costs_derive(day=DAY)
    cost(None, date(2026, 11, 23), "shared.database", 3)
    staff = signed_in(make_staff().email)
    costs = staff.get("/billing/costentry/").content.decode()
    assert "Aurora Dental" in costs and "0.005110" in costs and "(nobody)" in costs and "0.000003" in costs
    used = staff.get("/billing/usagerecord/?q=aurora").content.decode()
    assert "fargate.vcpu_second" in used and "3600.000000" in used
    assert "0.04656 for 3,600" in staff.get("/billing/price/?q=fargate.vcpu").content.decode()
    BudgetAlert.objects.create(
        tenant=customer, month=date(2026, 11, 1), threshold_percent=80, spent_micro_usd=41_000_000,
        budget_micro_usd=50_000_000,
    )  # fmt: skip
    LossAlert.objects.create(
        tenant=customer, month=date(2026, 11, 1), revenue_micro_usd=500_000_000, forecast_micro_usd=501_000_000
    )
    budgets = staff.get("/billing/budgetalert/").content.decode()
    assert "November 2026" in budgets and "41.00 USD of 50.00 USD" in budgets
    assert "costs 501.00 USD, pays 500.00 USD" in staff.get("/billing/lossalert/").content.decode()
    for table in ("usagerecord", "costentry", "budgetalert", "lossalert"):
        assert staff.get(f"/billing/{table}/add/").status_code == 403, table
