"""`manage.py provision`: look at a customer's run, retry it, or do it here."""

from typing import Any

from django.core.management.base import CommandParser

from tenants.management.base import PlatformCommand
from tenants.management.following import (
    PATIENCE_SECONDS,
    add_inline_argument,
    add_wait_argument,
    exit_code,
    run_followed,
)
from tenants.models import Customer, Provisioning, StepState
from tenants.onboarding.progress import run_as_json
from tenants.onboarding.registry import step_title
from tenants.onboarding.services import provisioning_retry
from tenants.selectors import provisioning_latest


class Command(PlatformCommand):
    """Thin edge of the machine."""

    help = (
        "Show the steps of a customer's newest run; with --retry once what made a step fail is mended. "
        "Exit codes: 0 done, 1 a step failed, 2 bad input, 3 not yet."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--retry", action="store_true", help="Try again now what failed or waits.")
        add_inline_argument(parser)
        add_wait_argument(parser)
        parser.add_argument("--json", action="store_true", help="Print the run as JSON.")

    def run(self, **options: Any) -> int | None:
        customer = self.customer(options["customer"])
        run = provisioning_latest(customer=customer)
        if run is not None and options["retry"]:
            provisioning_retry(provisioning=run, actor=None)
        if options["inline"] or options["wait"] is not None:
            run = run_followed(
                customer=customer,
                say=self.stderr.write if options["json"] else self.stdout.write,
                seconds=PATIENCE_SECONDS if options["wait"] is None else options["wait"],
                inline=options["inline"],
            )
        customer.refresh_from_db()
        if options["json"]:
            self.write_json(run_as_json(run))
        else:
            self._show(customer, run)
        return exit_code(run)

    def _show(self, customer: Customer, run: Provisioning | None) -> None:
        self.stdout.write(f"{customer.name}: {customer.get_state_display()}")
        if run is None:
            self.stdout.write("It was never provisioned.")
            return
        self.stdout.write(f"{run.get_kind_display()}: {run.get_state_display()}")
        steps = list(run.steps.all())
        self.write_table(
            ["STEP", "STATE", "TRIES", "SECONDS"],
            [
                [
                    step_title(step.name),
                    step.get_state_display(),
                    str(step.attempts),
                    "" if step.seconds is None else f"{step.seconds:.2f}",
                ]
                for step in steps
            ],
        )
        for step in steps:
            if step.error and step.state != StepState.DONE:
                self.stdout.write(f"\n{step_title(step.name)}: {step.error}\nWhat to do: {step.next_action}")
