"""A run as people and scripts read it: steps with titles, seconds and what to do next."""

from datetime import datetime
from typing import Any

from tenants.models import Customer, Provisioning, ProvisioningKind, ProvisioningState, ProvisioningStep, StepState
from tenants.onboarding.registry import step_title


def step_as_json(step: ProvisioningStep) -> dict[str, Any]:
    """One step for a script. `seconds` is None until it is done."""
    return {
        "name": step.name,
        "title": step_title(step.name),
        "state": step.state,
        "attempts": step.attempts,
        "seconds": step.seconds,
        "error": step.error,
        "next_action": step.next_action,
        "found": step.found,
    }


def run_as_json(run: Provisioning | None) -> dict[str, Any] | None:
    """One run for a script, its steps in order; None for a customer without one."""
    if run is None:
        return None
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "steps": [step_as_json(step) for step in run.steps.all()],
    }


def customer_as_json(customer: Customer) -> dict[str, Any]:
    """One customer for a script, without its run."""
    return {
        "id": customer.id,
        "tenant_id": customer.tenant_hex,
        "name": customer.name,
        "subdomain": customer.slug,
        "host": customer.host,
        "email": customer.email,
        "plan": customer.plan,
        "region": customer.region,
        "state": customer.state,
        "state_reason": customer.state_reason,
        "schema": customer.schema_name,
    }


def closing_certificate(*, provisioning: Provisioning) -> dict[str, Any]:
    """What an offboarding run found and deleted, step by step. A step that found nothing says so with an empty dict.

    `secret_restorable_until` is when Secrets Manager erases the Gmail secret for good; None when there was none.
    Raises ValueError for a run that is no offboarding.
    """
    if provisioning.kind != ProvisioningKind.OFFBOARD:
        raise ValueError("Only an offboarding run ends with a certificate.")
    # As it is now: the run may have been read while the customer was still open.
    customer = Customer.objects.get(pk=provisioning.tenant_id)
    deleted = {step.name: step.found for step in provisioning.steps.all()}
    restorable_until = deleted.get("gmail_secret", {}).get("deletes_at")
    return {
        "customer": customer.name,
        "tenant_id": customer.tenant_hex,
        "requested_at": provisioning.created_at,
        "closed_at": customer.closed_at,
        "complete": provisioning.state == ProvisioningState.DONE,
        "deleted": deleted,
        "secret_restorable_until": datetime.fromisoformat(restorable_until) if restorable_until else None,
    }


def is_resting(run: Provisioning) -> bool:
    """Whether nothing more happens to the run by itself: it is over, or a person must do something."""
    ended = (ProvisioningState.DONE, ProvisioningState.FAILED, ProvisioningState.CANCELLED)
    return run.state in ended or (run.state == ProvisioningState.WAITING and run.next_attempt_at is None)


def step_line(step: ProvisioningStep) -> str:
    """A step in one line: its title, its state and, unless it is done, what is wrong and what to do."""
    line = f"{step_title(step.name)}: {step.get_state_display().lower()}"
    if step.error and step.state != StepState.DONE:
        line += f": {step.error} {step.next_action}"
    return line.rstrip()
