"""What is left: by customer, plan and in all; what the month will cost; and the reports that say so."""

import csv
import io
from datetime import date

import pytest
from django.utils import timezone

from billing.models import Plan
from billing.selectors import Margin, forecasts, margin_by_customer, margin_by_plan, margin_total
from billing.selectors.forecast import month_forecast
from billing.selectors.usage import usage_of_month
from billing.services import costs_derive, usage_meter
from tenants.isolation.context import enter_customer
from tenants.models import Customer
from tests.agents.command_line import run
from tests.billing.buyers import pays
from tests.billing.usage import DAY, at, cost, old_customer, run_of

MONTH = date(2026, 11, 1)
USD = 1_000_000


def line_of(customer: Customer) -> Margin:
    lines = margin_by_customer(month=MONTH, today=MONTH)
    (line,) = [line for line in lines if line.customer_id == customer.pk]
    return line


def two_customers() -> tuple[Customer, Customer]:
    first, second = old_customer(name="Aurora Dental", plan="team"), old_customer(name="Birch Law", plan="starter")
    for customer in (first, second):
        pays(customer, MONTH, date(2026, 12, 1))
    cost(first, DAY, "fargate.vcpu_second", 30 * USD)
    cost(first, DAY, "model.claude-haiku-4-5.input_token", 60 * USD)
    cost(first, DAY, "shared.database", 10 * USD)
    cost(second, DAY, "model.claude-haiku-4-5.output_token", 250 * USD)
    return first, second


def test_margin_by_customer_plan_and_in_all() -> None:
    first, second = two_customers()
    lines = margin_by_customer(month=MONTH, today=DAY)
    assert [(line.name, line.margin_micro_usd, line.margin_percent) for line in lines] == [
        ("Aurora Dental", 400 * USD, 80.0),
        ("Birch Law", -51 * USD, -25.6),
    ]
    assert line_of(first).groups == {"Fargate": 30 * USD, "Model": 60 * USD, "Shared": 10 * USD}
    plans = {line.name: line.margin_micro_usd for line in margin_by_plan(lines=lines)}
    assert plans == {"team": 400 * USD, "starter": -51 * USD}
    total = margin_total(lines=lines)
    assert (total.customers, total.revenue_micro_usd, total.cost_micro_usd) == (2, 699 * USD, 350 * USD)
    assert second.plan == "starter"


def test_other_months_do_not_count() -> None:
    customer = old_customer()
    for day in (date(2026, 10, 31), date(2026, 12, 1)):
        cost(customer, day, "shared.database", 10 * USD)
    for day in (date(2026, 11, 1), date(2026, 11, 30)):
        cost(customer, day, "shared.database", 1 * USD)
    assert line_of(customer).cost_micro_usd == 2 * USD


def test_a_plan_that_is_gone_or_in_other_money_earns_nothing_and_says_so() -> None:
    Plan.objects.create(code="tokyo", name="Tokyo", price_cents=70_000, currency="JPY")
    Plan.objects.create(code="weekend", name="Weekend", price_cents=9_900)
    try:
        japanese, orphan = old_customer(plan="tokyo"), old_customer(plan="weekend")
        Plan.objects.filter(code="weekend").delete()
        cost(orphan, DAY, "shared.database", USD)
        assert line_of(japanese).problem == "It pays in JPY, and there is no exchange rate here."
        gone = line_of(orphan)
        assert (gone.revenue_micro_usd, gone.cost_micro_usd, gone.margin_percent) == (0, USD, None)
        assert gone.problem == "There is no plan “weekend” any more."
        printed = run("cost_report", "--month", f"{timezone.now():%Y-%m}")
        assert printed.code == 0
        assert "no exchange rate" in printed.err and "no plan “weekend” any more" in printed.err
    finally:
        Plan.objects.filter(code__in=["tokyo", "weekend"]).delete()


def test_what_nobody_shared_is_in_the_total() -> None:
    cost(None, DAY, "shared.database", 3 * USD)
    (line,) = margin_by_customer(month=MONTH, today=DAY)
    assert (line.name, line.customers, line.cost_micro_usd) == ("(no customer)", 0, 3 * USD)


# So far, fixed a day, variable in so many days, days left: the month.
@pytest.mark.parametrize(
    ("so_far", "fixed", "variable", "days", "left", "whole"),
    [
        (0, 10, 70, 7, 0, 0),
        (100, 10, 70, 7, 5, 200),
        (100, 10, 0, 7, 5, 150),
        (100, 0, 10, 3, 2, 107),
        (5, 1, 0, 0, 3, 8),
    ],
)
def test_the_rule_of_the_forecast(so_far: int, fixed: int, variable: int, days: int, left: int, whole: int) -> None:
    found = month_forecast(so_far=so_far, fixed_a_day=fixed, variable=variable, variable_days=days, days_left=left)
    assert found == whole


def test_fixed_costs_go_on_by_the_day_and_work_by_the_average_of_a_week() -> None:
    customer = old_customer()
    for day in range(1, 21):
        cost(customer, date(2026, 11, day), "shared.database", 2 * USD if day < 20 else 3 * USD)
        cost(customer, date(2026, 11, day), "fargate.vcpu_second", 7 * USD if day == 15 else 0)
    cost(customer, date(2026, 11, 21), "fargate.vcpu_second", 999 * USD)  # Today is not whole yet.
    forecast = forecasts(today=date(2026, 11, 21))[customer.pk]
    assert forecast.so_far_micro_usd == (19 * 2 + 3 + 7) * USD
    assert forecast.micro_usd == (48 + 10 * 3 + 10 * 1) * USD
    assert forecast.whole_days == 20


def test_a_new_customer_is_forecast_by_the_days_it_has_and_one_that_left_costs_no_more() -> None:
    new, gone = old_customer(), old_customer()
    for day in (19, 20):
        cost(new, date(2026, 11, day), "fargate.vcpu_second", 4 * USD)
    cost(gone, date(2026, 11, 18), "fargate.vcpu_second", 4 * USD)
    found = forecasts(today=date(2026, 11, 21))
    assert found[new.pk].micro_usd == (8 + 10 * 4) * USD
    assert found[gone.pk].micro_usd == 4 * USD


def test_on_the_first_of_a_month_the_week_before_speaks() -> None:
    customer = old_customer()
    for day in range(24, 31):
        cost(customer, date(2026, 11, day), "fargate.vcpu_second", USD)
    found = forecasts(today=date(2026, 12, 1))[customer.pk]
    assert (found.so_far_micro_usd, found.micro_usd, found.whole_days) == (0, 31 * USD, 0)


def test_the_report_of_a_month_as_table_csv_and_json() -> None:
    two_customers()
    table = run("cost_report", "--month", "2026-11")
    assert table.code == 0
    rows = [line.split() for line in table.out.splitlines()]
    assert rows[1][:4] == ["Aurora", "Dental", "team", "500.00"]
    assert rows[-1][:10] == ["Total", "-", "699.00", "30.00", "310.00", "0.00", "0.00", "10.00", "350.00", "349.00"]
    sheet = list(csv.DictReader(io.StringIO(run("cost_report", "--month", "2026-11", "--csv").out)))
    assert [(row["customer"], row["cost_usd"], row["margin_usd"]) for row in sheet] == [
        ("Aurora Dental", "100.000000", "400.000000"),
        ("Birch Law", "250.000000", "-51.000000"),
    ]
    printed = run("cost_report", "--month", "2026-11", "--json").json
    assert printed["total"]["margin_usd"] == 349.0
    assert [line["costs_usd"] for line in printed["customers"]][1] == {"Model": 250.0}


def test_a_name_that_a_spreadsheet_would_run_is_harmless() -> None:
    customer = old_customer(name="=HYPERLINK(1)")
    cost(customer, DAY, "shared.database", USD)
    (row,) = csv.DictReader(io.StringIO(run("cost_report", "--month", "2026-11", "--csv").out))
    assert row["customer"] == "'=HYPERLINK(1)"


def test_the_report_of_one_customer_has_quantities() -> None:
    customer = old_customer(slug="aurora")
    run_of(customer, at(24, 9), 90, input_tokens=1_000_000)
    usage_meter(day=DAY, now=at(25))
    costs_derive(day=DAY)
    printed = run("cost_report", "--month", "2026-11", "--customer", "aurora", "--json").json
    found = {row["kind"]: (row["quantity"], row["usd"]) for row in printed["rows"]}
    assert found["model.claude-haiku-4-5.input_token"] == ("1000000.000000", 1.0)
    assert found["fargate.spot.vcpu_second"][0] == "45.000000"
    assert printed["total_usd"] == pytest.approx(sum(usd for _, usd in found.values()))
    assert "KIND" in run("cost_report", "--month", "2026-11", "--customer", "aurora").out
    assert (
        "aurora,fargate.spot.gib_second,90"
        in run("cost_report", "--month", "2026-11", "--customer", "aurora", "--csv").out
    )
    assert "has no costs in 2026-10" in run("cost_report", "--month", "2026-10", "--customer", "aurora").out


def test_days_are_measured_again_by_hand_with_the_same_result() -> None:
    old_customer()
    first, second = run("meter_usage"), run("meter_usage")
    assert (first.code, second.code) == (0, 0)
    assert len(first.out.splitlines()) == 4
    assert all(line.endswith("0 of them changed; 0 costs changed") for line in second.out.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ("cost_report", "--month", "november"),
        ("cost_report", "--customer", "nobody"),
        ("cost_report", "--scenario", "production", "--csv"),
        ("meter_usage", "--since", "yesterday"),
        ("reconcile_costs", "--month", "2026-99"),
    ],
)
def test_wrong_words_end_with_exit_code_2(words: tuple[str, ...]) -> None:
    failed = run(*words)
    assert (failed.code, failed.out) == (2, "") and failed.err


def test_a_month_without_anybody_says_so() -> None:
    assert "Nobody paid or cost anything" in run("cost_report", "--month", "2026-11").out


def test_a_customers_own_context_sees_its_usage_and_nobodys_costs() -> None:
    customer, other = old_customer(), old_customer()
    for one, seconds in ((customer, 90), (other, 500)):
        run_of(one, at(24, 9), seconds)
    usage_meter(day=DAY, now=at(25))
    cost(customer, DAY, "shared.database", USD)
    with enter_customer(customer.pk):
        own = {line.kind: line.quantity for line in usage_of_month(month=MONTH, customer_id=customer.pk)}
        assert own["fargate.spot.gib_second"] == 90
        assert usage_of_month(month=MONTH, customer_id=other.pk) == []
        with pytest.raises(Exception, match="permission denied for table billing_costentry"):
            margin_by_customer(month=MONTH, today=DAY)
