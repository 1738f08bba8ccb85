"""What the commands about money share: months, tables of dollars, refusals as one line.

Exit codes are those of `tenants.management.base`: 0 it holds, 1 it failed, 2 the command line is wrong.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from billing.days import month_parse
from billing.errors import BillingError
from openclaw_site.aws.errors import AwsError
from openclaw_site.tables import csv_line
from tenants.management.base import EXIT_USAGE, PlatformCommand

_MICRO = 1_000_000


class BillingCommand(PlatformCommand):
    """A command about money. Its refusals, and those of AWS, become a line with what to do."""

    refusals = (BillingError, AwsError)

    def month(self, text: str) -> date:
        """The first day of the month that an operator wrote."""
        try:
            return month_parse(text)
        except ValueError as error:
            raise CommandError(str(error), returncode=EXIT_USAGE) from None

    def write_csv(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """The rows as CSV on standard output. A text that a spreadsheet would take for a formula gets a quote first."""
        for row in (header, *rows):
            self.stdout.write(csv_line(row), ending="")


def dollars(micro_usd: int | None) -> str:
    """Millionths of a dollar to the cent, or a dash."""
    return "-" if micro_usd is None else f"{micro_usd / _MICRO:,.2f}"


def percent(number: float | None) -> str:
    """A percentage, or a dash."""
    return "-" if number is None else f"{number:.1f} %"
