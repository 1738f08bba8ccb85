"""What a worker writes about its run while it walks it, always under its fencing number. Decides nothing.

A record that the database could not take for a moment (a restart, a failover) is written again for as long as the lease
would have held: after that the run is anybody's, and the sweep hands it out. How a run ends is `endings`'.
"""

import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.db.models.functions import Now

from tenants.models import CustomerState, Provisioning, ProvisioningKind, ProvisioningStep, StepState
from tenants.onboarding.lease import Lease, lease_seconds
from tenants.onboarding.steps.base import Found
from tenants.services.states import customer_state_set

_PAUSE_SECONDS = 0.25


def patiently(write: Callable[[], None]) -> None:
    """Do `write`, and do it again after a broken connection, for as long as a lease lasts. It must be repeatable."""
    deadline = time.monotonic() + lease_seconds()
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            connections["default"].close()
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def run_begun(lease: Lease, run: Provisioning) -> None:
    """The customer's state says that the machine is at work. Raises LeaseLost."""
    onboards = run.kind == ProvisioningKind.ONBOARD
    state = CustomerState.PROVISIONING if onboards else CustomerState.OFFBOARDING

    def write() -> None:
        with lease.fenced():
            customer_state_set(customer_id=run.tenant_id, state=state)

    patiently(write)


def step_started(lease: Lease, row: ProvisioningStep) -> None:
    """The step is running, in its next attempt, or in the same one when it only looks again at what it waits for.

    Raises LeaseLost.
    """
    looks_again = row.state == StepState.WAITING and row.attempts > 0
    attempts = row.attempts if looks_again else row.attempts + 1
    _write(lease, row, state=StepState.RUNNING, attempts=attempts, started_at=row.started_at or Now())


def step_done(lease: Lease, row: ProvisioningStep, found: Found) -> None:
    """The step is done, with what it made or deleted. Raises LeaseLost."""
    _write(lease, row, state=StepState.DONE, found=found, error="", next_action="", finished_at=Now())


def step_reopened(lease: Lease, row: ProvisioningStep) -> None:
    """A step that was done is to be done again. Raises LeaseLost."""
    _write(lease, row, state=StepState.PENDING, finished_at=None)


def _write(lease: Lease, row: ProvisioningStep, **changes: Any) -> None:
    def write() -> None:
        with lease.fenced():
            ProvisioningStep.objects.filter(id=row.id).update(fencing=lease.fencing, **changes)
        row.refresh_from_db()

    patiently(write)
