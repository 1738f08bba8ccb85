"""`cost_report --scenario` as a person reads it."""

from billing.management.base import BillingCommand, percent
from billing.scenarios.report import GOAL_USD, Bill, Row, ScenarioReport, difference_percent


def write_scenario(command: BillingCommand, report: ScenarioReport) -> None:
    """The scenario's rows with their prices, then the same with scheduled agents, and what a customer more costs."""
    scenario, out = report.scenario, command.stdout.write
    out(f"{scenario.name}, {scenario.customers} customer{'s' if scenario.customers > 1 else ''}, a month of 730 hours")
    out("")
    _rows(command, report.always_on.rows)
    out(
        f"\nTotal {report.always_on.total_usd:,.2f} USD; the sketch says about {scenario.seed_total_usd:,} "
        f"({difference_percent(report):+.1f} %)."
    )
    if scenario.revenue_usd:
        out(
            f"Revenue {scenario.revenue_usd:,} USD, margin {percent(report.margin_percent(report.always_on))}; "
            f"the sketch says {scenario.seed_margin_percent} %."
        )
    _differences(command, report.always_on)
    scheduled = report.scheduled
    out(f"\nThe same with scheduled agents: {scheduled.total_usd:,.2f} USD", ending="")
    margin = report.margin_percent(scheduled)
    out(f", margin {percent(margin)}." if margin is not None else ".")
    _rows(command, [row for row in scheduled.rows if row.line.resource.startswith("agents")])
    out(
        f"\nThe sketch leaves out what else stands there. Our own platform of that size, without agents and the model: "
        f"{report.platform.total_usd:,.2f} USD."
    )
    _rows(command, report.platform.rows)
    _a_customer_more(command, report)
    bills = (report.always_on, report.scheduled, report.platform, report.marginal)
    out("\nThe prices are from:")
    for source in sorted({row.price.source for bill in bills for row in bill.rows}):
        out(f"  {source}")


def _a_customer_more(command: BillingCommand, report: ScenarioReport) -> None:
    out = command.stdout.write
    out(
        f"\nA customer more on the scheduled plan adds {report.marginal.total_usd:,.2f} USD of infrastructure a month "
        f"(goal: under {GOAL_USD}), the model apart."
    )
    _rows(command, report.marginal.rows)
    out("\nWith its part of our production platform:")
    table = [[f"{one.customers:,}", f"{one.platform_usd:,.2f}", f"{one.usd:,.2f}"] for one in report.loaded]
    command.write_table(["CUSTOMERS", "PLATFORM USD", "USD A CUSTOMER"], table)


def _rows(command: BillingCommand, rows: list[Row]) -> None:
    header = ["RESOURCE", "QUANTITY", "UNIT", "PRICE USD", "SINCE", "USD", "SKETCH", "WHERE THE QUANTITY IS FROM"]
    command.write_table(header, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    line, price = row.line, row.price
    amount = f"{price.usd.normalize():f}" + (f" per {price.per:,}" if price.per > 1 else "")
    free = f" ({line.free} free)" if line.free else ""
    seed = "" if line.seed_usd is None else f"{line.seed_usd:,}"
    quantity = f"{line.quantity:,.2f}".removesuffix(".00") + free
    since = price.valid_from.isoformat()
    return [line.resource, quantity, price.unit, amount, since, f"{row.usd:,.2f}", seed, line.note]


def _differences(command: BillingCommand, bill: Bill) -> None:
    """Each resource of the sketch whose dollars are others, with the reason."""
    for row in bill.rows:
        if row.line.seed_usd is None or not row.line.reason:
            continue
        ours = sum(other.usd for other in bill.rows if other.line.resource == row.line.resource)
        command.stdout.write(f"- {row.line.resource}: {ours:,.2f}, not {row.line.seed_usd:,}: {row.line.reason}.")
