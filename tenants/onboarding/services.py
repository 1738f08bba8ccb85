"""Writes about runs of the machine, by people and by what they wait for. The machine itself writes in `lease`.

All run in the platform's context.
"""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from tenants.models import (
    Customer,
    Provisioning,
    ProvisioningKind,
    ProvisioningState,
    ProvisioningStep,
    StepState,
    User,
)
from tenants.onboarding.registry import steps


def provisioning_open(*, customer: Customer, kind: ProvisioningKind, requested_by: User | None) -> Provisioning:
    """A queued run with its pending steps (backwards when offboarding), handed to a worker after the commit.

    Raises IntegrityError when the customer has an open run already.
    """
    names = list(steps())
    if kind == ProvisioningKind.OFFBOARD:
        names.reverse()
    with transaction.atomic():
        run = Provisioning.objects.create(tenant_id=customer.id, kind=kind, requested_by=requested_by)
        ProvisioningStep.objects.bulk_create(
            ProvisioningStep(tenant_id=customer.id, provisioning=run, position=position, name=name)
            for position, name in enumerate(names)
        )
        enqueue(run.id)
    return run


def provisioning_supersede(*, customer: Customer) -> None:
    """Cancel the open run, if any. Its worker can't write any more; its lease stands until it lets go or expires."""
    Provisioning.objects.filter(tenant_id=customer.id).exclude(state__in=Provisioning.FINISHED).update(
        state=ProvisioningState.CANCELLED, fencing=F("fencing") + 1, finished_at=Now(), next_attempt_at=None
    )


def provisioning_wake(*, customer_id: uuid.UUID) -> bool:
    """What the customer's run waited for may have come: look now. False when no run waits. Safe to repeat."""
    run = (
        Provisioning.objects.filter(
            tenant_id=customer_id, state__in=[ProvisioningState.WAITING, ProvisioningState.RETRYING]
        )
        .values_list("id", flat=True)
        .first()
    )
    if run is None:
        return False
    Provisioning.objects.filter(id=run, state__in=[ProvisioningState.WAITING, ProvisioningState.RETRYING]).update(
        next_attempt_at=Now()
    )
    enqueue(run)
    return True


def provisioning_retry(*, provisioning: Provisioning, actor: User | None) -> None:
    """A person mended what was wrong: try again at once, with the tries counted anew. Safe to repeat.

    The step's error stays until it runs again. Raises ValidationError when the run is finished or under way.
    """
    stopped = [ProvisioningState.FAILED, ProvisioningState.RETRYING, ProvisioningState.WAITING]
    with transaction.atomic():
        changed = Provisioning.objects.filter(id=provisioning.id, state__in=stopped).update(
            state=ProvisioningState.QUEUED, next_attempt_at=None
        )
        if not changed:
            provisioning.refresh_from_db()
            if provisioning.state == ProvisioningState.QUEUED:
                enqueue(provisioning.id)
                return
            raise ValidationError(f"There is nothing to retry: the run is {provisioning.get_state_display().lower()}.")
        ProvisioningStep.objects.filter(
            provisioning=provisioning, state__in=[StepState.FAILED, StepState.RETRYING, StepState.WAITING]
        ).update(state=StepState.PENDING, attempts=0)
        enqueue(provisioning.id)
    provisioning.refresh_from_db()


def enqueue(run_id: uuid.UUID, *, delay_seconds: float = 0) -> None:
    """Hand a run to the provisioner after the commit; a lost message is made good by the sweep."""
    from tenants.onboarding.tasks import provisioning_run

    if delay_seconds:
        provisioning_run.apply_async(args=(str(run_id),), countdown=delay_seconds)
    else:
        provisioning_run.delay_on_commit(str(run_id))  # type: ignore[attr-defined]  # celery-types lacks it
