"""Starts, wakes and retries a run of the machine, and hands lost ones out again.

Every message that goes to the queue only says "look at this run": the row decides what is done, so a message that is
lost (the sweep sends another) or that comes twice changes nothing.
"""

import logging
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError

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

logger = logging.getLogger(__name__)

SWEEP_MESSAGE_SECONDS = 60.0


def provisioning_open(*, customer: Customer, kind: str, requested_by: User | None) -> Provisioning:
    """A queued run with its steps (backwards when offboarding), handed to the provisioner on commit.

    Call it inside a transaction. Raises IntegrityError when the customer has an open run already. Needs the platform's
    context.
    """
    names = list(steps())
    if kind == ProvisioningKind.OFFBOARD:
        names.reverse()
    run = Provisioning.objects.create(tenant=customer, kind=kind, requested_by=requested_by)
    ProvisioningStep.objects.bulk_create(
        ProvisioningStep(tenant=customer, provisioning=run, position=position, name=name)
        for position, name in enumerate(names)
    )
    provisioning_enqueue(provisioning_id=run.id)
    return run


def provisioning_supersede(*, customer: Customer) -> None:
    """An open run is cancelled and its worker fenced off: it can write no more. Safe to repeat.

    Its lease is left as it is: it tells the next run until when that worker may still be inside a step.
    """
    open_runs = Provisioning.objects.filter(tenant=customer).exclude(state__in=Provisioning.FINISHED)
    cancelled = list(open_runs.values_list("id", flat=True))
    open_runs.update(
        state=ProvisioningState.CANCELLED, fencing=F("fencing") + 1, next_attempt_at=None, finished_at=Now()
    )
    ProvisioningStep.objects.filter(provisioning__in=cancelled).exclude(state=StepState.DONE).update(
        state=StepState.PENDING, error="Cancelled.", next_action=""
    )


def provisioning_enqueue(
    *, provisioning_id: uuid.UUID, delay_seconds: float = 0, expires_seconds: float | None = None
) -> None:
    """On commit, tell the provisioner to look at this run after `delay_seconds`.

    Safe to repeat. A broker that can't be reached is logged and no error: the sweep finds the run.
    """

    def send() -> None:
        # The task's module imports the machine, which imports the services that start runs.
        from tenants.onboarding.tasks import provisioning_run

        options: dict[str, Any] = {"countdown": delay_seconds} if delay_seconds else {}
        if expires_seconds is not None:
            options["expires"] = delay_seconds + expires_seconds
        try:
            provisioning_run.apply_async(args=(str(provisioning_id),), **options)
        except BrokerError as error:
            logger.warning("run %s waits for the sweep: broker %s", provisioning_id, type(error).__name__)

    transaction.on_commit(send)


def provisioning_wake(*, customer_id: uuid.UUID) -> bool:
    """The customer's open run looks again now; whether there was one. Safe to repeat.

    A run that is at work right now looks once more before it goes to sleep. One that needs a person is left alone
    (`provisioning_retry` is for that). Needs the platform's context.
    """
    runs = Provisioning.objects.filter(tenant_id=customer_id).exclude(
        state__in=[*Provisioning.FINISHED, ProvisioningState.FAILED]
    )
    if not runs.update(next_attempt_at=Now()):
        return False
    for run_id in runs.values_list("id", flat=True):
        provisioning_enqueue(provisioning_id=run_id)
    return True


def provisioning_retry(*, provisioning: Provisioning, actor: User | None) -> bool:
    """A run that failed, waits or would try again later is queued now, with all its attempts; whether it was one.

    The steps' errors stand until the steps run. Safe to repeat: a queued or running one is left alone.
    `provisioning` is brought up to date. Needs the platform's context. Raises ValidationError when it is finished.
    """
    retried = [ProvisioningState.FAILED, ProvisioningState.RETRYING, ProvisioningState.WAITING]
    with transaction.atomic():
        changed = Provisioning.objects.filter(id=provisioning.id, state__in=retried).update(
            state=ProvisioningState.QUEUED, next_attempt_at=Now()
        )
        if changed:
            steps = ProvisioningStep.objects.filter(provisioning=provisioning)
            steps.exclude(state=StepState.DONE).update(attempts=0, state=StepState.PENDING)
            provisioning_enqueue(provisioning_id=provisioning.id)
            logger.info("run %s retried by user %s", provisioning.id, actor.pk if actor else "-")
    provisioning.refresh_from_db()
    if provisioning.state in Provisioning.FINISHED:
        raise ValidationError(f"There is nothing to retry: the run is {provisioning.get_state_display().lower()}.")
    return bool(changed)


def provisionings_sweep() -> int:
    """Runs that nobody works on though they are due go to the queue again; how many. Safe to repeat.

    Due are: those whose worker's lease ran out (it died), those whose time to try again has come, and queued ones,
    whose message may be lost. The messages expire, so that they don't pile up while the provisioner is away.
    Needs the platform's context.
    """
    states = [
        ProvisioningState.QUEUED, ProvisioningState.RUNNING, ProvisioningState.RETRYING, ProvisioningState.WAITING,
    ]  # fmt: skip
    is_free = Q(lease_until=None) | Q(lease_until__lte=Now())
    is_time = Q(next_attempt_at__lte=Now()) | Q(
        next_attempt_at=None, state__in=[ProvisioningState.QUEUED, ProvisioningState.RUNNING]
    )
    due = Provisioning.objects.filter(is_free, is_time, state__in=states).order_by("created_at")
    found = list(due.values_list("id", flat=True))
    for run_id in found:
        provisioning_enqueue(provisioning_id=run_id, expires_seconds=SWEEP_MESSAGE_SECONDS)
    return len(found)
