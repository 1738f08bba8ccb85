"""`cost_report` of a month: its table, CSV and JSON."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from billing.days import month_first
from billing.kinds import GROUPS
from billing.management.base import BillingCommand, dollars, percent
from billing.selectors import Forecast, Margin, costs_by_kind, forecasts, margin_by_customer, margin_by_plan
from billing.selectors.margin import margin_total
from tenants.models import Customer

Form = Literal["table", "csv", "json"]
TITLES = [title for _, title, _ in GROUPS]
_MICRO = 1_000_000


def month_report(command: BillingCommand, *, month: date, today: date, form: Form | str) -> None:
    """A line a customer, then the plans and the total."""
    lines = margin_by_customer(month=month, today=today)
    ahead = forecasts(today=today) if month == month_first(today) else {}
    plans, total = margin_by_plan(lines=lines), margin_total(lines=lines)
    if form == "json":
        command.write_json(
            {
                "month": f"{month:%Y-%m}",
                "customers": [_as_json(line, _ahead(ahead, line.customer_id)) for line in lines],
                "plans": [_as_json(line) for line in plans],
                "total": _as_json(total, sum((one.micro_usd for one in ahead.values()), 0) if ahead else None),
            }
        )
    elif form == "csv":
        header = ["month", "customer", "plan", "revenue_usd", "expected_usd"]
        header += [*(f"{title.lower()}_usd" for title in TITLES), "cost_usd"]
        header += ["margin_usd", "margin_percent", "problem"]
        command.write_csv(header, [[f"{month:%Y-%m}", *_csv(line)] for line in lines])
    else:
        _table(command, lines, plans, total, ahead)


def customer_report(command: BillingCommand, customer: Customer, *, month: date, form: Form | str) -> None:
    """One customer's costs by kind, with quantities."""
    costs = costs_by_kind(month=month, customer_id=customer.pk)
    if form == "json":
        rows: list[dict[str, Any]] = [
            {"kind": cost.kind, "quantity": cost.quantity, "usd": cost.micro_usd / _MICRO} for cost in costs
        ]
        total = sum(cost.micro_usd for cost in costs) / _MICRO
        command.write_json({"month": f"{month:%Y-%m}", "customer": customer.slug, "rows": rows, "total_usd": total})
    elif form == "csv":
        header = ["month", "customer", "kind", "quantity", "usd"]
        rows_of = [[f"{month:%Y-%m}", customer.slug, cost.kind, cost.quantity, _usd(cost.micro_usd)] for cost in costs]
        command.write_csv(header, rows_of)
    elif not costs:
        command.stdout.write(f"{customer.name} has no costs in {month:%Y-%m}.")
    else:
        table = [[cost.kind, _quantity(cost.quantity), f"{cost.micro_usd / _MICRO:,.4f}"] for cost in costs]
        total_row = ["total", "", f"{sum(cost.micro_usd for cost in costs) / _MICRO:,.4f}"]
        command.write_table(["KIND", "QUANTITY", "USD"], [*table, total_row])


def _table(
    command: BillingCommand,
    lines: list[Margin],
    plans: list[Margin],
    total: Margin,
    ahead: dict[uuid.UUID | None, Forecast],
) -> None:
    if not lines:
        command.stdout.write("Nobody paid or cost anything in this month.")
        return
    header = ["CUSTOMER", "PLAN", "REVENUE", *(title.upper() for title in TITLES), "COST", "MARGIN", "%", "FORECAST"]
    table = [[*_cells(line), dollars(_ahead(ahead, line.customer_id))] for line in lines]
    table += [[*_cells(line, f"plan {line.name}"), ""] for line in plans]
    end = sum(one.micro_usd for one in ahead.values()) if ahead else None
    table.append([*_cells(total), dollars(end)])
    command.write_table(header, table)
    if total.expected_micro_usd:
        command.stdout.write(f"{dollars(total.expected_micro_usd)} USD of the revenue is for days not yet invoiced.")
    for line in lines:
        if line.problem:
            command.stderr.write(f"{line.name}: {line.problem}")


def _ahead(ahead: dict[uuid.UUID | None, Forecast], customer_id: uuid.UUID | None) -> int | None:
    found = ahead.get(customer_id)
    return found.micro_usd if found else None


def _cells(line: Margin, name: str = "") -> list[str]:
    groups = [dollars(line.groups.get(title, 0)) for title in TITLES]
    money = [dollars(line.cost_micro_usd), dollars(line.margin_micro_usd), percent(line.margin_percent)]
    return [name or line.name, line.plan or "-", dollars(line.revenue_micro_usd), *groups, *money]


def _csv(line: Margin) -> list[Any]:
    groups = [_usd(line.groups.get(title, 0)) for title in TITLES]
    money = [_usd(line.cost_micro_usd), _usd(line.margin_micro_usd), line.margin_percent]
    revenue = [_usd(line.revenue_micro_usd), _usd(line.expected_micro_usd)]
    return [line.name, line.plan, *revenue, *groups, *money, line.problem]


def _as_json(line: Margin, forecast: int | None = None) -> dict[str, Any]:
    return {
        "name": line.name,
        "id": line.customer_id,
        "plan": line.plan,
        "customers": line.customers,
        "revenue_usd": line.revenue_micro_usd / _MICRO,
        "expected_usd": line.expected_micro_usd / _MICRO,
        "costs_usd": {title: amount / _MICRO for title, amount in sorted(line.groups.items())},
        "cost_usd": line.cost_micro_usd / _MICRO,
        "margin_usd": line.margin_micro_usd / _MICRO,
        "margin_percent": line.margin_percent,
        "forecast_usd": None if forecast is None else forecast / _MICRO,
        "problem": line.problem,
    }


def _usd(micro_usd: int) -> Decimal:
    """Exact: a number for a spreadsheet."""
    return Decimal(micro_usd).scaleb(-6)


def _quantity(quantity: Any) -> str:
    return "-" if quantity is None else f"{quantity:,.6f}".rstrip("0").rstrip(".")
