"""What a day costs: derived from usage and that day's prices, to the last millionth."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from billing.errors import PriceMissing
from billing.models import CostEntry, Plan, Price, UsageRecord
from billing.platform import shared_of_day
from billing.pricing import price_book
from billing.services import costs_derive, usage_meter
from billing.tasks import usage_meter_today
from tenants.models import Customer
from tests.billing.usage import DAY, at, old_customer, price, run_of

LATER = at(30, 23)
ARN_HOURS = 3600


@pytest.fixture(autouse=True)
def place(settings: Any) -> None:
    settings.AWS_REGION = "eu-central-1"
    settings.COSTS_PLATFORM = "production"


def derive(day: date = DAY) -> None:
    usage_meter(day=day, now=LATER)
    costs_derive(day=day)


def costs(customer: Customer | None, day: date = DAY) -> dict[str, int]:
    return dict(CostEntry.objects.filter(tenant=customer, day=day).values_list("kind", "micro_usd"))


def own(customer: Customer, day: date = DAY) -> dict[str, int]:
    return {kind: amount for kind, amount in costs(customer, day).items() if not kind.startswith("shared.")}


def shared(day: date = DAY) -> dict[str, int]:
    rows = CostEntry.objects.filter(day=day, kind__startswith="shared.").order_by()
    return {kind.removeprefix("shared."): total for kind, total in rows.values_list("kind").annotate(Sum("micro_usd"))}


def listed_shared(day: date = DAY) -> dict[str, int]:
    return shared_of_day(environment="production", prices=price_book(day=day), region="eu-central-1")


def test_an_hour_costs_what_the_price_list_says() -> None:
    customer = old_customer()
    run_of(
        customer, at(24, 9), ARN_HOURS, cpu=1024, capacity_provider="FARGATE", input_tokens=1_000_000, output_tokens=3
    )
    derive()
    assert own(customer) == {
        "fargate.vcpu_second": 46_560,
        "fargate.gib_second": 5_110,
        "model.claude-haiku-4-5.input_token": 1_000_000,
        "model.claude-haiku-4-5.output_token": 15,
    }


def test_shared_costs_add_up_to_the_whole_for_any_number_of_customers() -> None:
    customers = [old_customer() for _ in range(3)]
    run_of(customers[0], at(24, 9), 77)
    run_of(customers[1], at(24, 9), 6_001, capacity_provider="FARGATE")
    derive()
    assert shared() == listed_shared()
    idle, busy = costs(customers[2]), costs(customers[1])
    database = listed_shared()["database"]
    assert idle["shared.database"] in (database // 2 // 3, database // 2 // 3 + 1)
    assert busy["shared.database"] > database * 6 // 10
    old_customer()
    derive()
    assert shared() == listed_shared()


def test_on_a_day_without_customers_the_platform_is_nobodys_and_not_lost() -> None:
    derive()
    assert shared() == listed_shared()
    assert sum(costs(None).values()) == sum(listed_shared().values())
    customer = old_customer()
    derive()
    assert costs(None) == {}
    assert sum(costs(customer).values()) == sum(listed_shared().values())


def test_derived_again_nothing_changes_and_after_late_usage_what_is_late() -> None:
    customer = old_customer()
    run = run_of(customer, at(24, 9), 90)
    derive()
    before = set(CostEntry.objects.values_list("pk", "micro_usd"))
    assert costs_derive(day=DAY) == 0
    assert set(CostEntry.objects.values_list("pk", "micro_usd")) == before
    type(run).objects.filter(pk=run.pk).update(input_tokens=1_000)
    usage_meter(day=DAY, now=LATER)
    assert costs_derive(day=DAY) == 1
    assert own(customer)["model.claude-haiku-4-5.input_token"] == 1_000


def test_a_price_that_changes_in_the_month_holds_from_its_day_on() -> None:
    customer = old_customer()
    for day in (24, 25, 26):
        run_of(customer, at(day, 9), 3_600, capacity_provider="FARGATE")
    price("fargate.gib_second", "0.00600", date(2026, 11, 25), per=3600, region="eu-central-1")
    for day in (24, 25, 26):
        derive(date(2026, 11, day))
    found = [own(customer, date(2026, 11, day))["fargate.gib_second"] for day in (24, 25, 26)]
    assert found == [5_110, 6_000, 6_000]
    price("fargate.gib_second", "0.00700", date(2026, 11, 27), per=3600, region="eu-central-1")
    assert [costs_derive(day=date(2026, 11, day)) for day in (24, 25, 26)] == [0, 0, 0]


def test_a_secret_costs_its_month_over_all_days() -> None:
    customer = old_customer()
    for day in range(1, 31):
        UsageRecord.objects.create(
            tenant=customer, day=date(2026, 11, day), kind="secrets.month", source=f"secret:{customer.pk}", quantity=1
        )
        costs_derive(day=date(2026, 11, day))
    paid = CostEntry.objects.filter(tenant=customer, kind="secrets.month")
    assert paid.count() == 30
    assert paid.aggregate(total=Sum("micro_usd"))["total"] == 400_000


def test_a_region_without_a_price_says_what_to_add_and_changes_nothing(
    eager: None, caplog: pytest.LogCaptureFixture
) -> None:
    customer = old_customer(region="moon-1")
    run_of(customer, at(24, 9), 90)
    usage_meter(day=DAY, now=LATER)
    with pytest.raises(PriceMissing) as missing:
        costs_derive(day=DAY)
    assert "no price fargate.spot.gib_second in moon-1 for 2026-11-24" in str(missing.value)
    assert not CostEntry.objects.exists()
    price("fargate.spot.vcpu_second", "1", date(2026, 11, 1), per=3600, region="moon-1")
    price("fargate.spot.gib_second", "1", date(2026, 11, 1), per=3600, region="moon-1")
    costs_derive(day=DAY)
    assert own(customer)["fargate.spot.gib_second"] == 25_000


def test_the_task_logs_a_missing_price_and_goes_on(eager: None, caplog: pytest.LogCaptureFixture) -> None:
    old_customer()
    Price.objects.filter(code="nat.hour", region="eu-central-1").update(region="gone")
    try:
        usage_meter_today.delay()
    finally:
        Price.objects.filter(region="gone").update(region="eu-central-1")
    assert "There is no price nat.hour in eu-central-1" in caplog.text
    assert "in the admin under Prices" in caplog.text
    assert UsageRecord.objects.filter(kind="customer.day").count() == 1


def test_a_plan_that_is_deleted_while_it_is_used_changes_no_cost() -> None:
    Plan.objects.create(code="weekend", name="Weekend", price_cents=9_900)
    customer = old_customer(plan="weekend")
    run_of(customer, at(24, 9), 90)
    derive()
    before = costs(customer)
    Plan.objects.filter(code="weekend").delete()
    derive()
    assert costs(customer) == before and before["fargate.spot.gib_second"] == round(
        Decimal("0.001533") * 90 / 3600 * 10**6
    )
