"""Scenarios priced: rows, totals, and what a customer more costs. Platform context: reads the table of prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from billing.models import Price
from billing.pricing import PriceBook, price_book
from billing.scenarios.growth import GROWN, platform_lines
from billing.scenarios.quantities import (
    REGION,
    SCENARIOS,
    Line,
    Scenario,
    agents_scheduled,
    one_customer_more,
)

AGENTS: Final = "agents on Fargate"
GOAL_USD: Final = 4
_CENT: Final = Decimal("0.01")
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its price; dollars are rounded to the cent, so that a column adds up."""

    line: Line
    price: Price
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """Rows and their sum."""

    rows: list[Row]

    @property
    def total_usd(self) -> Decimal:
        """The sum of the rows as they are shown."""
        return sum((row.usd for row in self.rows), Decimal(0))


@dataclass(frozen=True, slots=True)
class Loaded:
    """The whole platform's month at so many customers, and what one of them then costs with its part of it."""

    customers: int
    platform_usd: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """A scenario as the sketch has it, with scheduled agents, and beside what the sketch leaves out."""

    scenario: Scenario
    day: date
    always_on: Bill
    scheduled: Bill
    platform: Bill
    marginal: Bill
    loaded: list[Loaded]

    def margin_percent(self, bill: Bill) -> float | None:
        """What is left of the scenario's revenue; None where it has none."""
        revenue = self.scenario.revenue_usd
        return round(float((revenue - bill.total_usd) * 100 / revenue), 1) if revenue else None


def scenario_report(*, name: str, day: date) -> ScenarioReport:
    """The scenario at the prices of a day. Raises PriceMissing, and KeyError for a name that is none of SCENARIOS."""
    scenario, prices = SCENARIOS[name], price_book(day=day)
    rest = [line for line in scenario.lines if line.resource != AGENTS]
    marginal = _bill(prices, one_customer_more())
    return ScenarioReport(
        scenario=scenario,
        day=day,
        always_on=_bill(prices, scenario.lines),
        scheduled=_bill(prices, [*agents_scheduled(scenario.customers), *rest]),
        platform=_bill(prices, platform_lines(scenario.platform)),
        marginal=marginal,
        loaded=[_loaded(prices, customers, marginal) for customers in GROWN],
    )


def _loaded(prices: PriceBook, customers: int, marginal: Bill) -> Loaded:
    platform = _bill(prices, platform_lines("production", customers=customers)).total_usd
    return Loaded(customers, platform, (platform / customers + marginal.total_usd).quantize(_CENT))


def _bill(prices: PriceBook, lines: Iterable[Line]) -> Bill:
    return Bill([_row(prices, line) for line in lines])


def _row(prices: PriceBook, line: Line) -> Row:
    paid = max(line.quantity - line.free, Decimal(0))
    micro = round(prices.exact(code=line.code, region=REGION, quantity=paid))
    return Row(line, prices.find(line.code, REGION), (Decimal(micro) / _MICRO).quantize(_CENT))


def as_json(report: ScenarioReport) -> dict[str, Any]:
    """The report for a script: `rows` and `total_usd` are the scenario's own, dollars are numbers."""
    scenario = report.scenario
    return {
        "scenario": scenario.name,
        "region": REGION,
        "prices_of": report.day.isoformat(),
        "customers": scenario.customers,
        "rows": [_row_as_json(row) for row in report.always_on.rows],
        "total_usd": float(report.always_on.total_usd),
        "seed_total_usd": scenario.seed_total_usd,
        "difference_percent": difference_percent(report),
        "revenue_usd": scenario.revenue_usd,
        "margin_percent": report.margin_percent(report.always_on),
        "seed_margin_percent": scenario.seed_margin_percent,
        "scheduled": {
            **_bill_as_json(report.scheduled),
            "margin_percent": report.margin_percent(report.scheduled),
        },
        "platform_of_ours": _bill_as_json(report.platform),
        "marginal": {**_bill_as_json(report.marginal), "goal_usd": GOAL_USD},
        "loaded": [
            {
                "customers": one.customers,
                "platform_usd": float(one.platform_usd),
                "usd_a_customer": float(one.usd),
            }
            for one in report.loaded
        ],
    }


def difference_percent(report: ScenarioReport) -> float:
    """Of the total from the sketch's."""
    seed = report.scenario.seed_total_usd
    return round(float((report.always_on.total_usd - seed) * 100 / seed), 1)


def _bill_as_json(bill: Bill) -> dict[str, Any]:
    return {"rows": [_row_as_json(row) for row in bill.rows], "total_usd": float(bill.total_usd)}


def _row_as_json(row: Row) -> dict[str, Any]:
    line, price = row.line, row.price
    return {
        "resource": line.resource,
        "quantity": float(line.quantity),
        "free": line.free,
        "unit": price.unit,
        "code": price.code,
        "price_usd": float(price.usd),
        "price_per": price.per,
        "price_from": price.valid_from.isoformat(),
        "source": price.source,
        "usd": float(row.usd),
        "seed_usd": line.seed_usd,
        "note": line.note,
        "reason": line.reason,
    }
