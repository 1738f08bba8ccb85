"""The machine: walks what is left of a run, step by step, and may be killed anywhere.

Owns the order of things. Who may work is `lease`, what a step's exception means is `outcomes`, what is written is
`records` and `endings`, the steps themselves are `steps`. A worker that was fenced off stops and writes nothing.
"""

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace

from django.db import Error as DatabaseError
from django.db import connections
from django.db.models.functions import Now

from openclaw_site.observe.marks import work_of
from tenants.models import Customer, Provisioning, ProvisioningKind, ProvisioningState, ProvisioningStep, StepState
from tenants.onboarding.endings import run_done, run_stopped
from tenants.onboarding.lease import Lease, LeaseLost, lease_claim
from tenants.onboarding.outcomes import MAX_ATTEMPTS, Outcome, Verdict, died_often, outcome_of
from tenants.onboarding.records import run_begun, step_done, step_reopened, step_started
from tenants.onboarding.registry import steps
from tenants.onboarding.steps.base import Found, Step, StepFailed, StepRetry

logger = logging.getLogger(__name__)

PREDECESSOR_POLL_SECONDS = 1.0

Progress = Callable[[ProvisioningStep], None]


def _silent(row: ProvisioningStep) -> None:
    del row


def provisioning_advance(*, run_id: uuid.UUID, progress: Progress = _silent) -> ProvisioningState | None:
    """Take the run as far as it goes now; its state then, or None when there was nothing for us to do.

    Safe to repeat and to call twice at once: one caller gets the lease, the others None. `progress` is told
    each step's row when it changed. Needs the platform's context and, for the steps, the owner's login. Raises
    django.db.Error when the database stays away; the lease then runs out and the sweep hands the run out again.
    """
    lease = lease_claim(provisioning_id=run_id)
    if lease is None:
        return None
    with lease.kept():
        try:
            return _walk(lease, progress)
        except LeaseLost as lost:
            logger.warning("stopped: %s", lost)
            return None


def _walk(lease: Lease, progress: Progress) -> ProvisioningState:
    run = Provisioning.objects.select_related("tenant").get(id=lease.provisioning_id)
    work_of(run.tenant_id)
    run_begun(lease, run)
    rows = list(run.steps.all())
    stopped = _predecessor_awaited(lease, run, rows)
    for row in rows:
        if stopped is None and row.state != StepState.DONE:
            stopped = _step_walked(lease, run, row, progress)
    if stopped is None and run.kind == ProvisioningKind.OFFBOARD:
        stopped = _remains_undone(lease, run, rows, progress)
    if stopped is not None:
        return stopped
    run_done(lease, run)
    return ProvisioningState.DONE


def _step_walked(
    lease: Lease, run: Provisioning, row: ProvisioningStep, progress: Progress
) -> ProvisioningState | None:
    """None when the step is done now; otherwise the state in which the run was left."""
    died = row.state == StepState.RUNNING and row.attempts >= MAX_ATTEMPTS
    if died:
        outcome = died_often(attempts=row.attempts)
    else:
        step_started(lease, row)
        progress(row)
        outcome = _attempted(run, row)
    state = None
    if outcome.verdict is Verdict.DONE:
        step_done(lease, row, outcome.found)
    else:
        state = run_stopped(lease, run, row, outcome)
        logger.info("run %s, step %s: %s", run.id, row.name, outcome.error)
    progress(row)
    return state


def _attempted(run: Provisioning, row: ProvisioningStep) -> Outcome:
    """One attempt at a step, whatever it raises."""
    found = row.found
    try:
        step = _step(row)
        customer = Customer.objects.get(id=run.tenant_id)
        if run.kind == ProvisioningKind.ONBOARD:
            found = step.apply(customer)
            step.verify(customer)
        else:
            found = _together(row.found, step.undo(customer))
            _raise_remains(step, customer)
    except LeaseLost:
        raise
    except Exception as error:
        _reconnect(error)
        return replace(outcome_of(error, attempts=row.attempts), found=found)
    return Outcome(Verdict.DONE, found=found)


def _step(row: ProvisioningStep) -> Step:
    step = steps().get(row.name)
    if step is None:
        raise StepFailed(
            f"This version of the product knows no step “{row.name}”.",
            next_action="Deploy the version that does, or add it to PROVISIONING_STEPS, then retry.",
        )
    return step


def _together(before: Found, now: Found) -> Found:
    """What several attempts at an undo found: a later one finds less, which must not hide what was deleted."""
    return {**before, **{key: value for key, value in now.items() if value or key not in before}}


def _raise_remains(step: Step, customer: Customer) -> None:
    if remains := step.remains(customer):
        raise StepRetry(
            f"Still there after its deletion: {', '.join(remains)}.", next_action="Nothing now: it is deleted again."
        )


def _predecessor_awaited(lease: Lease, run: Provisioning, rows: list[ProvisioningStep]) -> ProvisioningState | None:
    """None unless the worker of a cancelled run can still be inside a step: then this run sleeps until it let go."""
    unfinished = [row for row in rows if row.state != StepState.DONE]
    cancelled = Provisioning.objects.filter(tenant_id=run.tenant_id, state=ProvisioningState.CANCELLED)
    if not unfinished or not cancelled.filter(lease_until__gt=Now()).exists():
        return None
    outcome = Outcome(
        Verdict.WAIT,
        error="The onboarding was cancelled, and its worker is still inside a step.",
        next_action="Nothing now: this goes on when the worker has stopped, or its lease has run out.",
        delay_seconds=PREDECESSOR_POLL_SECONDS,
    )
    return run_stopped(lease, run, unfinished[0], outcome)


def _remains_undone(
    lease: Lease, run: Provisioning, rows: list[ProvisioningStep], progress: Progress
) -> ProvisioningState | None:
    """A last look at everything: what came back since its undo (a cut-off worker's late call) is undone again.

    None when nothing remains; otherwise the state in which the run was left.
    """
    stopped = None
    for row in rows:
        if stopped is not None:
            break
        try:
            remains = _step(row).remains(run.tenant)
        except Exception as error:
            _reconnect(error)
            stopped = run_stopped(lease, run, row, outcome_of(error, attempts=row.attempts))
        else:
            if remains:
                step_reopened(lease, row)
                stopped = _step_walked(lease, run, row, progress)
    return stopped


def _reconnect(error: Exception) -> None:
    """A connection that broke inside a step must not break the record of it."""
    if isinstance(error, DatabaseError):
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()
