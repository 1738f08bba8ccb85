"""`manage.py reconcile_costs`: our costs of a month against what AWS asks, by customer and service."""

from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from billing.days import day_of, month_after
from billing.management.base import BillingCommand
from billing.selectors import Difference, differences
from tenants.management.base import EXIT_USAGE


class Command(BillingCommand):
    """Compares with Cost Explorer."""

    help = (
        "Compare what was derived for a month with Cost Explorer, by customer (its TenantID tag) and service. A "
        "question to Cost Explorer costs 0.01 USD. Exit codes: 0 compared, 1 AWS refused, 2 wrong words."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", required=True, help="As 2026-11.")
        parser.add_argument("--json", action="store_true", help="Print it as JSON.")

    def run(self, **options: Any) -> int | None:
        month, today = self.month(options["month"]), day_of(timezone.now())
        # Of a month that goes on, the days that are over: today's figures are not there yet.
        end = min(month_after(month), today)
        if end <= month:
            raise CommandError(f"No day of {month:%Y-%m} is over yet.", returncode=EXIT_USAGE)
        rows = differences(month=month, end=end)
        if options["json"]:
            self.write_json({"month": f"{month:%Y-%m}", "until": end, "rows": [_as_json(row) for row in rows]})
            return None
        ours, theirs = (sum(amounts, Decimal(0)) for amounts in _columns(rows))
        total = Difference("total", "", ours, theirs, estimated=False)
        header = ["CUSTOMER", "SERVICE", "OURS", "AWS", "DIFFERENCE"]
        self.write_table(header, [_cells(row) for row in [*rows, total]])
        if any(row.estimated for row in rows):
            self.stdout.write("AWS's figures are not final yet.")
        return None


def _columns(rows: list[Difference]) -> tuple[list[Decimal], list[Decimal]]:
    return [row.ours_usd for row in rows], [row.aws_usd for row in rows]


def _cells(row: Difference) -> list[str]:
    amounts = [f"{amount:,.2f}" for amount in (row.ours_usd, row.aws_usd, row.difference_usd)]
    return [row.customer or "(shared)", row.service, *amounts]


def _as_json(row: Difference) -> dict[str, Any]:
    return {
        "customer": row.customer,
        "service": row.service,
        "ours_usd": float(row.ours_usd),
        "aws_usd": float(row.aws_usd),
        "difference_usd": float(row.difference_usd),
        "estimated": row.estimated,
    }
