"""The sketch's cost tables, from the table of prices."""

from datetime import date
from decimal import Decimal

import pytest

from billing.models import Price
from billing.scenarios import SCENARIOS
from tests.agents.command_line import run
from tests.billing.usage import price


@pytest.mark.parametrize(("name", "seed"), [("development", 100), ("production", 2_100)])
def test_totals_are_the_sketchs_within_five_per_cent(name: str, seed: int) -> None:
    printed = run("cost_report", "--scenario", name, "--json").json
    assert abs(printed["total_usd"] - seed) <= seed * 0.05
    assert printed["total_usd"] == pytest.approx(sum(row["usd"] for row in printed["rows"]))
    seeds = sum(row["seed_usd"] or 0 for row in printed["rows"])
    assert abs(seeds - seed) <= 1  # The sketch's own production rows make 2,099.


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_row_says_quantity_unit_price_date_and_source(name: str) -> None:
    printed = run("cost_report", "--scenario", name, "--json").json
    for row in [*printed["rows"], *printed["scheduled"]["rows"], *printed["marginal"]["rows"]]:
        assert row["quantity"] > 0 and row["unit"] and row["note"]
        assert date.fromisoformat(row["price_from"]) <= date.fromisoformat(printed["prices_of"])
        assert "https://" in row["source"]
        paid = max(row["quantity"] - row["free"], 0)
        assert row["usd"] == pytest.approx(paid * row["price_usd"] / row["price_per"], abs=0.006)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_resource_whose_dollars_differ_says_why(name: str) -> None:
    rows = run("cost_report", "--scenario", name, "--json").json["rows"]
    for row in rows:
        if row["seed_usd"] is not None:
            ours = sum(other["usd"] for other in rows if other["resource"] == row["resource"])
            assert row["reason"] or abs(ours - row["seed_usd"]) < 0.5, row["resource"]


def test_a_hundred_gigabytes_are_not_25_dollars() -> None:
    rows = run("cost_report", "--scenario", "production", "--json").json["rows"]
    (s3,) = [row for row in rows if row["resource"] == "S3"]
    assert (s3["quantity"], s3["usd"], s3["seed_usd"]) == (100.0, 2.30, 25)
    assert "100 GB" in s3["reason"]


def test_productions_margin_is_the_sketchs() -> None:
    printed = run("cost_report", "--scenario", "production", "--json").json
    assert printed["revenue_usd"] == 5_000
    assert round(printed["margin_percent"]) == printed["seed_margin_percent"] == 58
    assert printed["scheduled"]["total_usd"] < printed["total_usd"] - 350
    assert printed["scheduled"]["margin_percent"] > printed["margin_percent"]


def test_a_customer_more_costs_less_than_four_dollars_and_the_platform_is_shown_beside() -> None:
    printed = run("cost_report", "--scenario", "production", "--json").json
    marginal = printed["marginal"]["total_usd"]
    assert 0 < marginal < printed["marginal"]["goal_usd"] == 4
    loaded = {one["customers"]: one for one in printed["loaded"]}
    assert list(loaded) == [10, 100, 1_000]
    for customers, one in loaded.items():
        assert one["usd_a_customer"] == pytest.approx(one["platform_usd"] / customers + marginal, abs=0.01)
    assert loaded[10]["usd_a_customer"] > loaded[100]["usd_a_customer"] > loaded[1_000]["usd_a_customer"]
    assert all(row["resource"] != "Claude Sonnet on Bedrock" for row in printed["marginal"]["rows"])


def test_a_newer_price_changes_the_scenario() -> None:
    before = run("cost_report", "--scenario", "production", "--json").json
    price("nat.hour", "0.090", date(2026, 11, 2), region="us-east-1")
    after = run("cost_report", "--scenario", "production", "--json").json
    assert after["total_usd"] - before["total_usd"] == pytest.approx(65.70)
    (row,) = [row for row in after["rows"] if row["code"] == "nat.hour"]
    assert (row["price_from"], row["source"]) == ("2026-11-02", "a test")


def test_a_missing_price_says_what_to_add() -> None:
    Price.objects.filter(code="nat.hour", region="us-east-1").update(region="moon-west-1")
    try:
        failed = run("cost_report", "--scenario", "production")
    finally:
        Price.objects.filter(region="moon-west-1").update(region="us-east-1")
    assert failed.code == 1
    assert "no price nat.hour in us-east-1" in failed.err
    assert "in the admin under Prices" in failed.err


@pytest.mark.parametrize("name", SCENARIOS)
def test_people_read_the_same_totals(name: str) -> None:
    text, printed = run("cost_report", "--scenario", name).out, run("cost_report", "--scenario", name, "--json").json
    assert f"Total {Decimal(str(printed['total_usd'])):,.2f} USD" in text
    assert f"adds {printed['marginal']['total_usd']:.2f} USD of infrastructure" in text
    assert "S3: " in text and "not" in text
