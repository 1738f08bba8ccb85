"""Our costs against AWS's: by customer and service, what is shared in one line."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from openclaw_site.aws.clients import reset_clients
from tests.agents.command_line import run
from tests.aws.faults import FaultyAws
from tests.aws.test_costs import group, page
from tests.billing.usage import DAY, cost, old_customer

USD = 1_000_000
ECS, S3, RDS = "Amazon Elastic Container Service", "Amazon Simple Storage Service", "Amazon Relational Database Service"


@pytest.fixture
def cost_explorer(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyAws]:
    """In AWS's place; the embedded one keeps no costs by tag."""
    with FaultyAws() as faulty:
        monkeypatch.setenv("AWS_ENDPOINT_URL", faulty.url)
        reset_clients()
        yield faulty
    reset_clients()


def test_the_difference_by_customer_and_service(cost_explorer: FaultyAws) -> None:
    customer = old_customer(slug="aurora")
    for kind, amount in (
        ("fargate.vcpu_second", 3), ("fargate.spot.gib_second", 1), ("model.claude-haiku-4-5.input_token", 5),
        ("s3.gib_month", 1), ("shared.database", 90), ("shared.network", 10),
    ):  # fmt: skip
        cost(customer, DAY, kind, amount * USD)
    cost(customer, date(2026, 12, 1), "fargate.vcpu_second", 77 * USD)
    claude = "Claude Haiku 4.5 (Amazon Bedrock Edition)"
    known = customer.tenant_hex
    first = page(group(known, ECS, "4.50"), group(known, claude, "5"), token="more")
    second = page(group("", RDS, "91"), group("", "AWS WAF", "9"), group("f" * 32, S3, "0.25"))
    for answer in (first, second, first, second):
        cost_explorer.answer(200, answer)
    printed = run("reconcile_costs", "--month", "2026-11", "--json").json
    found = {
        (row["customer"], row["service"]): (row["ours_usd"], row["aws_usd"], row["difference_usd"])
        for row in printed["rows"]
    }
    assert found == {
        ("", "Shared"): (100.0, 100.0, 0.0),
        ("aurora", "Fargate"): (4.0, 4.5, 0.5),
        ("aurora", "Model"): (5.0, 5.0, 0.0),
        ("aurora", "Storage"): (1.0, 0.0, -1.0),
        ("f" * 32, "Storage"): (0.0, 0.25, 0.25),
    }
    text = run("reconcile_costs", "--month", "2026-11").out
    assert "(shared)" in text and "not final" not in text
    assert text.splitlines()[-1].split() == ["total", "110.00", "109.75", "-0.25"]


def test_figures_that_are_not_final_say_so(cost_explorer: FaultyAws) -> None:
    cost_explorer.answer(200, page(group("", RDS, "91"), estimated=True))
    assert "AWS's figures are not final yet." in run("reconcile_costs", "--month", "2026-11").out


def test_a_refusal_says_what_to_do(cost_explorer: FaultyAws) -> None:
    cost_explorer.fail("DataUnavailableException", "Data is not available. Please try to adjust the time period.")
    failed = run("reconcile_costs", "--month", "2026-11")
    assert failed.code == 1
    assert "Switch Cost Explorer on" in failed.err


def test_a_month_that_has_not_begun_is_not_asked_for(cost_explorer: FaultyAws) -> None:
    failed = run("reconcile_costs", "--month", "2027-11")
    assert (failed.code, cost_explorer.requests) == (2, [])
    assert "No day of 2027-11 is over yet." in failed.err


def test_amounts_are_exact(cost_explorer: FaultyAws, settings: Any) -> None:
    customer = old_customer(slug="aurora")
    cost(customer, DAY, "fargate.vcpu_second", 100_001)
    cost_explorer.answer(200, page(group(customer.tenant_hex, ECS, "0.1000010000")))
    (row,) = run("reconcile_costs", "--month", "2026-11", "--json").json["rows"]
    assert Decimal(str(row["difference_usd"])) == 0
