"""How a worker leaves a run: asleep, with a person, or done; and what that makes of the customer. Always fenced."""

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F
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
from tenants.onboarding.lease import Lease
from tenants.onboarding.outcomes import Outcome, Verdict
from tenants.onboarding.records import patiently
from tenants.onboarding.registry import step_title
from tenants.onboarding.services import provisioning_enqueue
from tenants.services.farewell import farewell_queue
from tenants.services.states import customer_state_set

_STATES = {
    Verdict.WAIT: (StepState.WAITING, ProvisioningState.WAITING),
    Verdict.RETRY: (StepState.RETRYING, ProvisioningState.RETRYING),
    Verdict.FAIL: (StepState.FAILED, ProvisioningState.FAILED),
}
_NOBODY: dict[str, Any] = {"lease_owner": "", "lease_until": None}


def run_stopped(lease: Lease, run: Provisioning, row: ProvisioningStep, outcome: Outcome) -> ProvisioningState:
    """The step says what stopped it, and nobody holds the run. Raises LeaseLost.

    Unless it needs a person, the run is looked at again after the outcome's delay; at once when it was woken while it
    worked. Returns the run's state; `row` is brought up to date.
    """
    step_state, run_state = _STATES[outcome.verdict]
    changes: dict[str, Any] = {"error": outcome.error, "next_action": outcome.next_action, "fencing": lease.fencing}
    if outcome.found:
        changes["found"] = outcome.found

    def write() -> None:
        with lease.fenced(state=run_state, next_attempt_at=_next_attempt(outcome), **_NOBODY):
            ProvisioningStep.objects.filter(id=row.id).update(state=step_state, **changes)
            _customer_shows(run, outcome, step_title(row.name))
            _enqueue_again(run, outcome)
        row.refresh_from_db()

    patiently(write)
    return run_state


def run_done(lease: Lease, run: Provisioning) -> None:
    """The run is finished: the customer is active (or stays paused), or closed, its owners told. Raises LeaseLost."""

    def write() -> None:
        with lease.fenced(state=ProvisioningState.DONE, finished_at=Now(), next_attempt_at=None, **_NOBODY):
            if run.kind == ProvisioningKind.ONBOARD:
                customer_state_set(customer_id=run.tenant_id, state=CustomerState.ACTIVE)
                return
            Domain.objects.filter(tenant_id=run.tenant_id).delete()
            customer_state_set(customer_id=run.tenant_id, state=CustomerState.CLOSED)
            Customer.objects.filter(id=run.tenant_id).update(closed_at=Now(), paused_at=None)
            farewell_queue(customer_id=run.tenant_id)

    patiently(write)


def _next_attempt(outcome: Outcome) -> Any:
    """Of a run that was woken since it was claimed (the claim empties the field), the wake-up stands."""
    if outcome.verdict is Verdict.FAIL:
        return None
    if outcome.delay_seconds is None:
        return F("next_attempt_at")
    later = ExpressionWrapper(Now() + timedelta(seconds=outcome.delay_seconds), output_field=DateTimeField())
    return Coalesce(F("next_attempt_at"), later)


def _enqueue_again(run: Provisioning, outcome: Outcome) -> None:
    is_woken = Provisioning.objects.filter(id=run.id, next_attempt_at__lte=Now()).exists()
    if is_woken:
        provisioning_enqueue(provisioning_id=run.id)
    elif outcome.delay_seconds is not None:
        provisioning_enqueue(provisioning_id=run.id, delay_seconds=outcome.delay_seconds)


def _customer_shows(run: Provisioning, outcome: Outcome, title: str) -> None:
    onboards = run.kind == ProvisioningKind.ONBOARD
    if outcome.verdict is Verdict.FAIL:
        state = CustomerState.PROVISIONING if onboards else CustomerState.OFFBOARDING
        customer_state_set(customer_id=run.tenant_id, state=state, reason=f"{title}: {outcome.error}")
    elif onboards and outcome.person:
        customer_state_set(customer_id=run.tenant_id, state=CustomerState.AWAITING_GMAIL)
