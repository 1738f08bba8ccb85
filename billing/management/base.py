"""What the commands about money share: months, tables of dollars, refusals as one line.

Exit codes are those of `tenants.management.base`: 0 it holds, 1 it failed, 2 the command line is wrong.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from billing.days import month_parse
from billing.errors import BillingError
from openclaw_site.aws.errors import AwsError
from tenants.management.base import EXIT_FAILED, EXIT_USAGE, PlatformCommand

_MICRO = 1_000_000


class BillingCommand(PlatformCommand):
    """A command about money. Subclasses write `act`, whose refusals become a line with what to do."""

    def run(self, **options: Any) -> int | None:
        try:
            return self.act(**options)
        except (BillingError, AwsError) as error:
            raise CommandError(f"{error}\n{error.next_action}", returncode=EXIT_FAILED) from error

    def act(self, **options: Any) -> int | None:
        """Do the work; returns the exit code, None meaning 0."""
        raise NotImplementedError

    def month(self, text: str) -> date:
        """The first day of the month that an operator wrote."""
        try:
            return month_parse(text)
        except ValueError as error:
            raise CommandError(str(error), returncode=EXIT_USAGE) from None

    def write_csv(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """The rows as CSV on standard output. A text that a spreadsheet would take for a formula gets a quote first."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([[_harmless(cell) for cell in row] for row in rows])
        self.stdout.write(out.getvalue(), ending="")


def dollars(micro_usd: int | None) -> str:
    """Millionths of a dollar to the cent, or a dash."""
    return "-" if micro_usd is None else f"{micro_usd / _MICRO:,.2f}"


def percent(number: float | None) -> str:
    """A percentage, or a dash."""
    return "-" if number is None else f"{number:.1f} %"


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
