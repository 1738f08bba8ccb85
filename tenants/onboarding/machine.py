"""The machine: claim a run, do what is left of it, record each step, and say when to look again.

Nothing is kept in memory between two calls. Killed anywhere, the next call goes on at the first step that is not done.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Coalesce, Now

from tenants.models import (
    Customer,
    CustomerState,
    Domain,
    Provisioning,
    ProvisioningKind,
    ProvisioningState,
    ProvisioningStep,
    StepState,
)
from tenants.onboarding.lease import Lease, LeaseLost
from tenants.onboarding.outcome import MAX_ATTEMPTS, as_step_error, backoff_seconds
from tenants.onboarding.registry import steps
from tenants.onboarding.services import enqueue
from tenants.onboarding.steps.base import StepError, StepFailed, StepRetry, StepWaiting


def provisioning_advance(*, run_id: uuid.UUID) -> ProvisioningState | None:
    """Take the run as far as it goes now; its state afterwards, or None when there was nothing for us to do.

    Runs in the platform's context, outside any transaction. Safe to call at any time from any number of workers: one
    of them gets the lease. When it must go on later, the next call is enqueued.
    """
    lease = Lease.claim(run_id)
    if lease is None:
        return None
    try:
        with lease.kept():
            return _walk(lease)
    except LeaseLost:
        return None


def _walk(lease: Lease) -> ProvisioningState:
    customer = lease.run.tenant
    _state_set(customer, CustomerState.PROVISIONING, only=[CustomerState.PENDING, CustomerState.AWAITING_GMAIL])
    onboarding = lease.run.kind == ProvisioningKind.ONBOARD
    for record in lease.run.steps.exclude(state=StepState.DONE).order_by("position"):
        try:
            lease.record_step(
                record,
                state=StepState.RUNNING,
                attempts=record.attempts + 1,
                started_at=Coalesce("started_at", Now()),
            )
            found = _apply(customer, record) if onboarding else _undo(lease, customer, record)
        except LeaseLost:
            raise
        except Exception as error:
            return _stop_at(lease, record, as_step_error(error))
        lease.check()
        lease.record_step(record, state=StepState.DONE, error="", next_action="", found=found, finished_at=Now())
    lease.record_run(state=ProvisioningState.DONE, finished_at=Now(), next_attempt_at=None)
    if onboarding:
        _state_set(customer, CustomerState.ACTIVE)
    else:
        _close(customer)
    return ProvisioningState.DONE


def _apply(customer: Customer, record: ProvisioningStep) -> dict[str, object]:
    customer.refresh_from_db()
    step = steps()[record.name]
    found = step.apply(customer)
    step.verify(customer)
    return found


def _undo(lease: Lease, customer: Customer, record: ProvisioningStep) -> dict[str, object]:
    """Undo one step, once no earlier worker can still be busy making something."""
    others = Provisioning.objects.filter(tenant=customer, lease_until__gt=Now()).exclude(id=lease.run.id)
    if others.exists():
        raise StepWaiting(
            "An earlier run is still letting go.",
            next_action="Nothing: it ends by itself within its lease.",
            poll_seconds=1,
        )
    return steps()[record.name].undo(customer)


def _stop_at(lease: Lease, record: ProvisioningStep, error: StepError) -> ProvisioningState:
    """Record why the run does not go on now, and see to it that it goes on when it can."""
    words = {"error": str(error), "next_action": error.next_action}
    if isinstance(error, StepRetry) and record.attempts >= MAX_ATTEMPTS:
        error = StepFailed(str(error), next_action=error.next_action)
    if isinstance(error, StepWaiting):
        # Looking again is not a try that failed.
        lease.record_step(record, state=StepState.WAITING, attempts=max(record.attempts - 1, 1), **words)
        return _wait(lease, error)
    if isinstance(error, StepRetry):
        delay = backoff_seconds(record.attempts)
        lease.record_step(record, state=StepState.RETRYING, **words)
        return _later(lease, ProvisioningState.RETRYING, delay)
    lease.record_step(record, state=StepState.FAILED, **words)
    lease.record_run(state=ProvisioningState.FAILED, next_attempt_at=None)
    return ProvisioningState.FAILED


def _wait(lease: Lease, error: StepWaiting) -> ProvisioningState:
    if error.person:
        _state_set(lease.run.tenant, CustomerState.AWAITING_GMAIL)
    if error.poll_seconds is None:
        lease.record_run(state=ProvisioningState.WAITING, next_attempt_at=None)
        return ProvisioningState.WAITING
    return _later(lease, ProvisioningState.WAITING, error.poll_seconds)


def _later(lease: Lease, state: ProvisioningState, seconds: float) -> ProvisioningState:
    lease.record_run(state=state, next_attempt_at=Now() + timedelta(seconds=seconds), lease_until=None)
    enqueue(lease.run.id, delay_seconds=seconds)
    return state


def _state_set(customer: Customer, state: CustomerState, only: list[CustomerState] | None = None) -> None:
    """Move the customer on; a pause, offboarding and closing stay what they are."""
    matching = Customer.objects.filter(id=customer.id, paused_at__isnull=True).exclude(
        state__in=[CustomerState.OFFBOARDING, CustomerState.CLOSED]
    )
    if only is not None:
        matching = matching.filter(state__in=only)
    matching.update(state=state, state_reason="")


def _close(customer: Customer) -> None:
    Domain.objects.filter(tenant=customer).delete()
    Customer.objects.filter(id=customer.id).update(
        state=CustomerState.CLOSED, state_reason="", closed_at=Coalesce("closed_at", Now())
    )


def runs_to_sweep() -> list[uuid.UUID]:
    """Open runs that nobody works on though somebody should: lease expired, time come, or never picked up."""
    patience = timedelta(seconds=settings.PROVISIONING_LEASE_SECONDS)
    running = Provisioning.objects.filter(state=ProvisioningState.RUNNING, lease_until__lt=Now())
    dropped = Provisioning.objects.filter(state=ProvisioningState.RUNNING, lease_until__isnull=True)
    due = Provisioning.objects.filter(
        state__in=[ProvisioningState.WAITING, ProvisioningState.RETRYING], next_attempt_at__lte=Now()
    )
    queued = Provisioning.objects.filter(state=ProvisioningState.QUEUED, created_at__lt=Now() - patience / 3)
    found: list[uuid.UUID] = []
    for query in (running, dropped, due, queued):
        found += query.values_list("id", flat=True)
    return found
