"""`manage.py close_customer`: take a customer away and print what was found and deleted."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.management.base import EXIT_FAILED, EXIT_NOT_YET, EXIT_USAGE, PlatformCommand
from tenants.management.commands.onboard_customer import _patience
from tenants.onboarding.progress import closing_certificate, watch
from tenants.onboarding.registry import step_title
from tenants.onboarding.services import provisioning_retry
from tenants.services import customer_close


class Command(PlatformCommand):
    """Thin edge of tenants.services.customer_close."""

    help = (
        "Stop a customer's agents and delete its schema, roles, storage and Gmail secret (the secret can be restored for 7 "
        "days). Ends with a certificate. Safe to repeat. Exit codes: 0 closed, 1 a step failed, 2 bad input, 3 not yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--yes", action="store_true", help="Really: what is deleted does not come back.")
        parser.add_argument("--retry", action="store_true", help="Try again what failed.")
        parser.add_argument("--wait", type=float, default=120.0, metavar="SECONDS", help="How long to wait (120 s).")
        parser.add_argument("--json", action="store_true", help="Print the certificate as JSON.")

    def run(self, **options: Any) -> int | None:
        customer = self.customer(options["customer"])
        if not options["yes"]:
            raise CommandError(
                f"This deletes everything of {customer.name} ({customer.host}). Say --yes to do it.",
                returncode=EXIT_USAGE,
            )
        run = customer_close(customer=customer, actor=None)
        if options["retry"] and run.state == "failed":
            provisioning_retry(provisioning=run, actor=None)
        latest = watch(customer=customer, say=self.stderr.write, wait=_patience(options["wait"])) or run
        latest.tenant.refresh_from_db()
        certificate = closing_certificate(provisioning=latest)
        if options["json"]:
            self.write_json(certificate)
        else:
            self._print(certificate)
        if latest.state == "done":
            return None
        return EXIT_FAILED if latest.state == "failed" else EXIT_NOT_YET

    def _print(self, certificate: dict[str, Any]) -> None:
        state = "closed" if certificate["complete"] else "not closed yet"
        self.stdout.write(f"{certificate['customer']} (TenantID {certificate['tenant_id']}): {state}")
        for name, found in certificate["deleted"].items():
            what = ", ".join(f"{key} {value}" for key, value in found.items()) or "nothing found"
            self.stdout.write(f"  {step_title(name):32} {what}")
        if certificate["secret_restorable_until"]:
            self.stdout.write(
                f"  The Gmail secret can be restored until {certificate['secret_restorable_until']:%Y-%m-%d %H:%M} UTC."
            )
