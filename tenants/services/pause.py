"""Pause and resume one customer. Running agents are stopped by `agents`, which looks at `paused_at`."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now

from tenants.models import Customer, CustomerState, GmailState, Provisioning, ProvisioningKind, ProvisioningState, User
from tenants.onboarding.services import provisioning_wake

logger = logging.getLogger(__name__)

_LEAVING = (CustomerState.OFFBOARDING, CustomerState.CLOSED)


def customer_pause(*, customer: Customer, actor: User | None) -> None:
    """The customer is paused: no agent of its is started any more. Safe to repeat.

    An onboarding that is under way goes on as far as it can without agents. Why a customer was degraded stays written.
    `customer` is brought up to date. Needs the platform's context. Raises ValidationError when the customer is being
    closed or closed.
    """
    changed = (
        Customer.objects.filter(id=customer.id, paused_at=None)
        .exclude(state__in=_LEAVING)
        .update(state=CustomerState.PAUSED, paused_at=Now())
    )
    customer.refresh_from_db()
    _refuse_leaving(customer)
    if changed:
        logger.info("customer %s paused by user %s", customer.id, actor.pk if actor else "-")


def customer_resume(*, customer: Customer, actor: User | None) -> None:
    """The customer is in the state that its onboarding and its Gmail call for; its agents may start. Safe to repeat.

    `customer` is brought up to date. Needs the platform's context. Raises ValidationError when the customer is being
    closed or closed.
    """
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(id=customer.id)
        _refuse_leaving(locked)
        if locked.paused_at is not None:
            state, reason = _state_by_truth(locked)
            Customer.objects.filter(id=locked.id).update(state=state, state_reason=reason, paused_at=None)
            provisioning_wake(customer_id=locked.id)
            logger.info("customer %s resumed by user %s", customer.id, actor.pk if actor else "-")
    customer.refresh_from_db()


def _refuse_leaving(customer: Customer) -> None:
    if customer.state in _LEAVING:
        raise ValidationError(
            "“%(name)s” is %(state)s and can be neither paused nor resumed.",
            code="leaving",
            params={"name": customer.name, "state": customer.get_state_display().lower()},
        )


def _state_by_truth(customer: Customer) -> tuple[str, str]:
    """The state, and why, by the records. A reason from before the pause stands until it is disproved."""
    run = Provisioning.objects.filter(tenant=customer, kind=ProvisioningKind.ONBOARD).order_by("-created_at").first()
    if run is not None and run.state != ProvisioningState.DONE:
        waits_for_person = run.state == ProvisioningState.WAITING and run.next_attempt_at is None
        return (CustomerState.AWAITING_GMAIL if waits_for_person else CustomerState.PROVISIONING), customer.state_reason
    if customer.gmail.state == GmailState.NEEDS_RECONNECT:
        return CustomerState.DEGRADED, "Gmail needs to be connected again."
    return (CustomerState.DEGRADED, customer.state_reason) if customer.state_reason else (CustomerState.ACTIVE, "")
