"""Waiting for a run on the command line: each change is told once, until the run rests or patience is over."""

import time
from collections.abc import Callable

from django.core.management.base import CommandParser

from tenants.management.base import EXIT_FAILED, EXIT_NOT_YET
from tenants.models import Customer, Provisioning, ProvisioningState, ProvisioningStep, StepState
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.progress import is_resting, step_line
from tenants.selectors import provisioning_latest

PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.3


def add_wait_argument(parser: CommandParser) -> None:
    """`--wait [SECONDS]`."""
    parser.add_argument(
        "--wait",
        type=float,
        nargs="?",
        const=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"Wait until nothing more happens by itself, {PATIENCE_SECONDS:.0f} s unless another time is given.",
    )


def add_inline_argument(parser: CommandParser) -> None:
    """`--inline`."""
    parser.add_argument(
        "--inline",
        action="store_true",
        help="Do the work in this process, under the same lease as a worker's (needs DATABASE_OWNER_URL).",
    )


def run_followed(
    *, customer: Customer, say: Callable[[str], object], seconds: float, inline: bool = False
) -> Provisioning | None:
    """The customer's newest run, once it rests or `seconds` are over; None when it has none.

    With `inline` this process does the work that no other does. `say` gets a line for every change of a step.
    """
    told: dict[str, str] = {}

    def tell(step: ProvisioningStep) -> None:
        line = step_line(step)
        if step.state != StepState.PENDING and told.get(step.name) != line:
            told[step.name] = line
            say(line)

    end = time.monotonic() + seconds
    while (run := provisioning_latest(customer=customer)) is not None:
        for step in run.steps.all():
            tell(step)
        if is_resting(run) or time.monotonic() >= end:
            break
        if not inline or provisioning_advance(run_id=run.id, progress=tell) is None:
            time.sleep(_LOOK_SECONDS)
    return run


def exit_code(run: Provisioning | None) -> int | None:
    """None when the run is done, or else whether it failed or is not there yet."""
    if run is None or run.state == ProvisioningState.DONE:
        return None
    return EXIT_FAILED if run.state == ProvisioningState.FAILED else EXIT_NOT_YET
