"""`manage.py meter_usage`: measure days again and derive their costs, as the clock does by itself."""

from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from billing.days import day_of, days_between
from billing.management.base import BillingCommand
from billing.services import costs_derive, days_to_meter, usage_meter
from tenants.management.base import EXIT_USAGE


class Command(BillingCommand):
    """Measures and derives."""

    help = (
        "Measure days again and derive their costs: the last three, or those since a day. Safe to repeat; a day that "
        "was right stays as it is. Exit codes: 0 done, 1 a price is missing, 2 wrong words."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="The first day, as 2026-11-01.")

    def run(self, **options: Any) -> int | None:
        for day in self._days(options["since"]):
            metered, changed = usage_meter(day=day), costs_derive(day=day)
            self.stdout.write(
                f"{day}: {metered.records} records, {metered.changes} of them changed; {changed} costs changed"
            )
        return None

    def _days(self, since: str | None) -> list[date]:
        if since is None:
            return days_to_meter()
        try:
            first = date.fromisoformat(since)
        except ValueError:
            raise CommandError(f"“{since}” is no day: write it as 2026-11-01.", returncode=EXIT_USAGE) from None
        return list(days_between(first, day_of(timezone.now())))
