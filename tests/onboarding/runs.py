"""What the tests of the machine share: a valid customer, its run, and walking the run to where it rests."""

import itertools
import time
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from tenants.models import Customer, Provisioning, ProvisioningState, ProvisioningStep
from tenants.onboarding.machine import provisioning_advance
from tenants.onboarding.progress import is_resting
from tenants.services import customer_onboard

SCHEMA = "tenants.onboarding.steps.schema.SchemaStep"
DATABASE_ROLE = "tenants.onboarding.steps.database_role.DatabaseRoleStep"
STORAGE = "tenants.onboarding.steps.storage.StoragePrefixStep"
ROLE = "tenants.onboarding.steps.iam_role.IamRoleStep"
GMAIL = "tenants.onboarding.steps.gmail_secret.GmailSecretStep"
AGENTS = "agents.onboarding.agents_step.AgentsStep"
FIRST_FOUR = [SCHEMA, DATABASE_ROLE, STORAGE, ROLE]
VALID: dict[str, Any] = {
    "name": "Harborline Roofing",
    "email": "olivia@harborline.example",
    "slug": "harborline",
    "plan": "team",
    "region": settings.AWS_REGION,
}
_numbers = itertools.count(1)


def onboard(**fields: Any) -> tuple[Customer, Provisioning]:
    """A customer that was just asked for, and its queued run."""
    customer = customer_onboard(**{**VALID, "slug": f"harborline-{next(_numbers)}", **fields})
    return customer, open_run(customer)


def open_run(customer: Customer) -> Provisioning:
    return customer.provisionings.exclude(state__in=Provisioning.FINISHED).get()


def step_of(run: Provisioning, name: str) -> ProvisioningStep:
    return run.steps.get(name=name)


def due_now(run: Provisioning) -> None:
    """As if the time to try again had come."""
    Provisioning.objects.filter(id=run.id, next_attempt_at__isnull=False).update(next_attempt_at=Now())


def walk(run: Provisioning, *, seconds: float = 20) -> ProvisioningState:
    """Advance the run, skipping its pauses, until it rests; its state then."""
    end = time.monotonic() + seconds
    while True:
        provisioning_advance(run_id=run.id)
        run.refresh_from_db()
        if is_resting(run):
            return ProvisioningState(run.state)
        assert time.monotonic() < end, f"the run does not come to rest: {run.state}"
        if run.lease_until is None:
            due_now(run)
        else:
            time.sleep(0.05)
