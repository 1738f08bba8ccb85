"""A run as people and scripts read it: steps with titles, seconds and what to do next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tenants.models import Customer, Provisioning, ProvisioningKind, ProvisioningState, ProvisioningStep
from tenants.onboarding.registry import step_title
from tenants.selectors import provisioning_latest

SECRET_RECOVERY = timedelta(days=7)


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

    The Gmail secret is scheduled for deletion and can be restored until the time given (7 days, Secrets Manager).
    """
    if provisioning.kind != ProvisioningKind.OFFBOARD:
        raise ValueError("Only an offboarding run ends with a certificate.")
    customer = provisioning.tenant
    steps = {step.name: step for step in provisioning.steps.all()}
    secret = steps.get("gmail_secret")
    restorable = secret is not None and bool(secret.found) and secret.finished_at is not None
    return {
        "customer": customer.name,
        "tenant_id": customer.tenant_hex,
        "closed_at": customer.closed_at,
        "complete": provisioning.state == ProvisioningState.DONE,
        "deleted": {step.name: step.found for step in provisioning.steps.all()},
        "secret_restorable_until": secret.finished_at + SECRET_RECOVERY
        if restorable and secret and secret.finished_at
        else None,
    }


def watch(*, customer: Customer, say: Callable[[str], None], wait: Callable[[], bool]) -> Provisioning | None:
    """Tell each change of the customer's newest run until it rests (done, failed, waiting for a person).

    `wait` sleeps between two looks and returns False when patience is over. Returns the run as last seen.
    """
    told: dict[str, str] = {}
    while True:
        run = provisioning_latest(customer=customer)
        if run is None:
            return None
        for step in run.steps.all():
            line = f"{step_title(step.name)}: {step.get_state_display().lower()}"
            if step.error and step.state != "done":
                line += f": {step.error} {step.next_action}"
            if step.state != "pending" and told.get(step.name) != line:
                told[step.name] = line
                say(line)
        resting = run.state in ("done", "failed", "cancelled") or (
            run.state == ProvisioningState.WAITING and run.next_attempt_at is None
        )
        if resting or not wait():
            return run
