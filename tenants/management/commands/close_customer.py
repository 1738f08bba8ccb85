"""`manage.py close_customer`: take a customer away and print what was found and deleted."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.management.base import EXIT_USAGE, PlatformCommand
from tenants.management.following import PATIENCE_SECONDS, add_inline_argument, exit_code, run_followed
from tenants.models import ProvisioningState
from tenants.onboarding.progress import closing_certificate
from tenants.onboarding.registry import step_title
from tenants.onboarding.services import provisioning_retry
from tenants.services import customer_close


class Command(PlatformCommand):
    """Thin edge of tenants.services.customer_close."""

    help = (
        "Stop a customer's agents and delete its schema, roles, storage and Gmail secret (which can be restored for 7 "
        "days), and print a certificate of it. Safe to repeat: a step that failed is tried again. "
        "Exit codes: 0 closed, 1 a step failed, 2 bad input, 3 not yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--yes", action="store_true", help="Really: what is deleted does not come back.")
        add_inline_argument(parser)
        parser.add_argument(
            "--wait",
            type=float,
            default=PATIENCE_SECONDS,
            metavar="SECONDS",
            help="How long to wait for the end (default %(default)s).",
        )
        parser.add_argument("--json", action="store_true", help="Print the certificate as JSON.")

    def run(self, **options: Any) -> int | None:
        customer = self.customer(options["customer"])
        if not options["yes"]:
            raise CommandError(
                f"This deletes everything of {customer.name} ({customer.host}). Say --yes to do it.",
                returncode=EXIT_USAGE,
            )
        run = customer_close(customer=customer, actor=None)
        if run.state == ProvisioningState.FAILED:
            provisioning_retry(provisioning=run, actor=None)
        run = (
            run_followed(customer=customer, say=self.stderr.write, seconds=options["wait"], inline=options["inline"])
            or run
        )
        certificate = closing_certificate(provisioning=run)
        if options["json"]:
            self.write_json(certificate)
        else:
            self._print(certificate)
        return exit_code(run)

    def _print(self, certificate: dict[str, Any]) -> None:
        state = (
            f"closed at {certificate['closed_at']:%Y-%m-%d %H:%M} UTC" if certificate["complete"] else "not closed yet"
        )
        self.stdout.write(f"{certificate['customer']} (TenantID {certificate['tenant_id']}): {state}")
        for name, found in certificate["deleted"].items():
            what = ", ".join(f"{key} {value}" for key, value in found.items()) or "nothing found"
            self.stdout.write(f"  {step_title(name):32} {what}")
        if until := certificate["secret_restorable_until"]:
            self.stdout.write(f"  The Gmail secret can be restored until {until:%Y-%m-%d %H:%M} UTC.")
