"""`manage.py replay_payments`: what Stripe told and never reached us."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from billing import services
from billing.management.base import BillingCommand
from tenants.management.base import EXIT_USAGE

# Stripe keeps its events for so long.
_MOST_DAYS = 30


class Command(BillingCommand):
    """Asks Stripe for its events."""

    help = (
        "Ask Stripe for what happened in the last days, and give what never reached us to a worker. Safe to repeat. "
        "The clock does it every hour for a day. Exit codes: 0 done, 1 Stripe refused or is away, 2 wrong words."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=3, help="How far back, 1 to 30. Default: 3.")

    def run(self, **options: Any) -> int | None:
        if not 1 <= options["days"] <= _MOST_DAYS:
            raise CommandError(f"Stripe keeps events for {_MOST_DAYS} days.", returncode=EXIT_USAGE)
        count = services.card_events_replay(since=timezone.now() - timedelta(days=options["days"]))
        self.stdout.write(f"{count} missed and carried out now." if count else "None was missed.")
        return None
