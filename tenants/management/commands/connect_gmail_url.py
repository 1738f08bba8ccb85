"""`manage.py connect_gmail_url`: a link for whoever owns the customer's mailbox."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.gmail.intents import connect_link
from tenants.management.base import EXIT_USAGE, PlatformCommand
from tenants.models import CustomerState


class Command(PlatformCommand):
    """Thin edge of tenants.gmail.intents.connect_link."""

    help = "Print a single-use link to connect a customer's Gmail, and until when it works."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--json", action="store_true", help="Print it as JSON.")

    def run(self, **options: Any) -> int | None:
        customer = self.customer(options["customer"])
        if customer.state in (CustomerState.OFFBOARDING, CustomerState.CLOSED):
            raise CommandError(
                f"{customer.name} is {customer.state}; its Gmail can't be connected.", returncode=EXIT_USAGE
            )
        link = connect_link(customer=customer, actor=None)
        if options["json"]:
            self.write_json({"url": link.url, "expires_at": link.expires_at, "mailbox": customer.email})
        else:
            self.stdout.write(link.url)
            self.stdout.write(f"For {customer.email}; works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC.")
        return None
