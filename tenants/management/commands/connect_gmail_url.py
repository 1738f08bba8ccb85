"""`manage.py connect_gmail_url CUSTOMER`: a link with which the customer connects its Gmail."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tenants.gmail.services import connect_link
from tenants.management.base import EXIT_USAGE, PlatformCommand


class Command(PlatformCommand):
    """Prints the link and until when it holds."""

    help = "Print a link that connects a customer's Gmail once. Send it to the person who owns the mailbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--minutes", type=int, help="How long the link holds (default: GMAIL_INTENT_MINUTES).")
        parser.add_argument("--json", action="store_true", help="As JSON: url, expires_at, customer, mailbox.")

    def run(self, **options: Any) -> None:
        """One new link; earlier ones stay valid until they expire or are used."""
        customer = self.customer(options["customer"])
        minutes = options["minutes"]
        if minutes is not None and not 1 <= minutes <= 60 * 24 * 14:
            raise CommandError("--minutes must be from 1 to 20160 (14 days).", returncode=EXIT_USAGE)
        valid_for = timedelta(minutes=minutes) if minutes else None
        link = connect_link(customer=customer, actor=None, valid_for=valid_for)
        if options["json"]:
            self.write_json(
                {
                    "url": link.url,
                    "expires_at": link.expires_at,
                    "customer": customer.slug,
                    "mailbox": customer.email,
                }
            )
            return
        until = timezone.localtime(link.expires_at)
        self.stdout.write(link.url)
        self.stdout.write(f"Connects {customer.email} of {customer.name}, once, until {until:%Y-%m-%d %H:%M %Z}.")
