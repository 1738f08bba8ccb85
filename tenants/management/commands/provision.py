"""`manage.py provision`: look at a customer's run, retry it, or do it here."""

import time
from typing import Any

from django.core.management.base import CommandParser

from tenants.management.base import EXIT_FAILED, EXIT_NOT_YET, PlatformCommand
from tenants.management.commands.onboard_customer import _patience
from tenants.models import Customer, Provisioning
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.progress import run_as_json, watch
from tenants.onboarding.registry import step_title
from tenants.onboarding.services import provisioning_retry
from tenants.selectors import provisioning_latest


class Command(PlatformCommand):
    """Thin edge of the machine."""

    help = (
        "Show the steps of a customer's newest run; --retry after mending a failed step, --inline to do the work in this "
        "process (needs DATABASE_OWNER_URL). Exit codes: 0 done, 1 a step failed, 2 bad input, 3 not yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--retry", action="store_true", help="Try again what failed.")
        parser.add_argument("--inline", action="store_true", help="Work here, under the same lease as a worker.")
        parser.add_argument("--wait", type=float, nargs="?", const=120.0, metavar="SECONDS", help="Wait (120 s).")
        parser.add_argument("--json", action="store_true", help="Print the run as JSON.")

    def run(self, **options: Any) -> int | None:
        customer = self.customer(options["customer"])
        run = provisioning_latest(customer=customer)
        if run is not None and options["retry"]:
            provisioning_retry(provisioning=run, actor=None)
        if run is not None and options["inline"]:
            self._work(run, options["wait"] or 120.0)
        elif options["wait"]:
            say = self.stderr.write if options["json"] else self.stdout.write
            watch(customer=customer, say=say, wait=_patience(options["wait"]))
        run = provisioning_latest(customer=customer)
        if options["json"]:
            self.write_json(run_as_json(run))
        else:
            self._show(customer, run)
        if run is None or run.state == "done":
            return None
        return EXIT_FAILED if run.state == "failed" else EXIT_NOT_YET

    def _work(self, run: Provisioning, patience_seconds: float) -> None:
        """Advance the run here, and again after each pause it asks for."""
        end = time.monotonic() + patience_seconds
        while time.monotonic() < end:
            provisioning_advance(run_id=run.id)
            run.refresh_from_db()
            if run.state in ("done", "failed", "cancelled") or (run.state == "waiting" and not run.next_attempt_at):
                return
            time.sleep(0.5)

    def _show(self, customer: Customer, run: Provisioning | None) -> None:
        customer.refresh_from_db()
        self.stdout.write(f"{customer.name}: {customer.get_state_display()}")
        if run is None:
            self.stdout.write("It was never provisioned.")
            return
        self.stdout.write(str(run.get_kind_display()) + ": " + str(run.get_state_display()))
        self.write_table(
            ["STEP", "STATE", "TRIES", "SECONDS"],
            [
                [step_title(step.name), step.state, str(step.attempts), f"{step.seconds:.2f}" if step.seconds else ""]
                for step in run.steps.all()
            ],
        )
        for step in run.steps.all():
            if step.error and step.state != "done":
                self.stdout.write(f"\n{step_title(step.name)}: {step.error}\nWhat to do: {step.next_action}")
