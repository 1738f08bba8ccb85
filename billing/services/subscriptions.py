"""What a customer or staff wish of a subscription. Wishes are written here; `lifecycle` carries them out.

So a customer's own database role needs to reach a few columns only: the states, and with them the agents, are the
platform's. A wish is carried out by a task a moment after it was written, or by the next sweep.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.days import day_of
from billing.errors import BillingRefused
from billing.models import Plan, Subscription, SubscriptionState
from billing.payments import provider_of
from tenants.models import Customer, CustomerState
from tenants.signup.selectors import has_signed_up

logger = logging.getLogger(__name__)


def subscription_begin(*, customer: Customer, agreed: bool) -> Subscription:
    """The customer has a subscription to its plan, on trial if the plan has one; safe to repeat. Platform context.

    `agreed`: somebody agreed to pay (staff signed a contract). Otherwise the trial ends in words, not in an invoice.
    Raises BillingRefused when the customer's plan does not exist.
    """
    plan = Plan.objects.filter(code=customer.plan).first()
    if plan is None:
        raise BillingRefused(f"There is no plan “{customer.plan}”. Make one with this code, or change the customer's.")
    now = timezone.now()
    first_paid = day_of(now) + timedelta(days=plan.trial_days)
    subscription, is_new = Subscription.objects.get_or_create(
        tenant=customer,
        defaults={
            "plan": plan,
            "state": SubscriptionState.TRIAL,
            "trial_ends_on": first_paid,
            "anchor_day": first_paid.day,
            "agreed_at": now if agreed else None,
        },
    )
    if is_new:
        logger.info("customer %s has plan %s", customer.pk, plan.pk)
        _carry_out(subscription)
    return subscription


def subscriptions_begin() -> int:
    """Customers without a subscription have one; how many. Safe to repeat. Platform context.

    Those that staff onboarded have agreed to pay; those that signed up are asked when they have tried it.
    """
    without = Customer.objects.filter(subscription=None).exclude(
        state__in=[CustomerState.OFFBOARDING, CustomerState.CLOSED]
    )
    begun = 0
    for customer in without:
        try:
            subscription_begin(customer=customer, agreed=not has_signed_up(customer_id=customer.pk))
            begun += 1
        except BillingRefused as error:
            logger.error("customer %s has no subscription: %s", customer.pk, error)
    return begun


def subscription_agree(*, subscription: Subscription) -> Subscription:
    """Somebody who may agrees to pay: the trial will go over into a paid period, or does so now if it is over.

    Safe to repeat. Raises BillingRefused when it is cancelled.
    """

    def agree(locked: Subscription) -> list[str]:
        if locked.agreed_at is not None:
            return []
        locked.agreed_at = timezone.now()
        return ["agreed_at"]

    return _wish(subscription, agree)


def subscription_change_plan(*, subscription: Subscription, plan: Plan) -> Subscription:
    """The plan is this one: at once on trial, else from the next period on. Choosing the present one takes a wish back.

    Safe to repeat. Raises BillingRefused for a plan that is not sold, another currency, and a cancelled subscription.
    """

    def change(locked: Subscription) -> list[str]:
        if plan.pk != locked.plan_id and not plan.is_active:
            raise BillingRefused({"plan": f"“{plan.name}” is no longer sold. Choose another."})
        if plan.currency != locked.plan.currency and locked.period_start is not None:
            raise BillingRefused(
                {"plan": f"“{plan.name}” is paid in {plan.currency}, yours in {locked.plan.currency}."}
            )
        wanted = None if plan.pk == locked.plan_id else plan
        if locked.next_plan == wanted:
            return []
        locked.next_plan = wanted
        return ["next_plan"]

    return _wish(subscription, change)


def subscription_cancel(*, subscription: Subscription) -> Subscription:
    """It ends with the period that is paid for, or with the trial; until then it can be kept. Safe to repeat.

    Raises BillingRefused when it has ended.
    """
    return _wish(subscription, lambda locked: _set_cancels(locked, True))


def subscription_keep(*, subscription: Subscription) -> Subscription:
    """A cancellation that has not come about is taken back. Safe to repeat. Raises BillingRefused when it has ended."""
    return _wish(subscription, lambda locked: _set_cancels(locked, False))


def _set_cancels(subscription: Subscription, wanted: bool) -> list[str]:
    if subscription.cancels == wanted:
        return []
    subscription.cancels = wanted
    return ["cancels"]


def _wish(subscription: Subscription, write: Callable[[Subscription], list[str]]) -> Subscription:
    """Let `write` set fields of the locked subscription; save those that it names, and have the wish carried out."""
    from billing.services.lifecycle import subscription_locked

    with transaction.atomic():
        locked = subscription_locked(subscription.pk)
        if locked.state == SubscriptionState.CANCELLED:
            raise BillingRefused("The subscription has ended. Write to us to begin anew.")
        if fields := write(locked):
            locked.save(update_fields=fields)
            _carry_out(locked)
            provider_of(locked).follow(subscription=locked)
    return locked


def _carry_out(subscription: Subscription) -> None:
    from billing.tasks import subscription_advance

    pk: uuid.UUID = subscription.pk
    transaction.on_commit(lambda: subscription_advance.delay(str(pk)), robust=True)
