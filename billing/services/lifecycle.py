"""What time and money make of a subscription: trial, periods, warning, grace, suspension and back. Platform context.

Owns the order of states. One step at a time and each by dates, so that a sweep that was away for a week catches up.
Only the grace begins with the warning, whenever that was: nobody is suspended unwarned. What a state means for the
agents is `customer_pause` and `customer_resume`; a pause by staff is never ended from here.

A suspended customer is charged nothing: its next period begins on the day on which it runs again.
"""

import logging
import uuid
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from billing.days import day_of
from billing.models import Invoice, InvoiceKind, InvoiceState, NoticeKind, Plan, Subscription, SubscriptionState
from billing.payments import provider_of
from billing.periods import grace_ends_on, next_period
from billing.services.invoices import invoice_issue
from billing.services.notices import notice_queue
from tenants.models import Customer, CustomerState
from tenants.services import customer_pause, customer_resume

logger = logging.getLogger(__name__)

_S = SubscriptionState
_LEAVING: Final = (CustomerState.OFFBOARDING, CustomerState.CLOSED)
# A subscription that nobody looked at for so many periods is a fault, not a backlog.
_MAX_STEPS: Final = 100


def subscriptions_advance(*, now: datetime | None = None) -> int:
    """Every subscription is where the day puts it; how many were looked at. Safe to repeat, at any pace."""
    moment = now or timezone.now()
    found = Subscription.objects.exclude(state=_S.CANCELLED).values_list("pk", flat=True)
    for pk in list(found):
        try:
            with transaction.atomic():
                subscription_advance(subscription=subscription_locked(pk), now=moment)
        except Exception:  # One customer's fault holds nobody else up; the next sweep tries again.
            logger.exception("subscription %s could not be advanced", pk)
    return len(found)


def subscription_locked(pk: uuid.UUID) -> Subscription:
    """The subscription with its plans and its customer, locked until the transaction ends."""
    related = ("plan", "next_plan", "tenant")
    return Subscription.objects.select_for_update(of=("self",)).select_related(*related).get(pk=pk)


def subscription_advance(*, subscription: Subscription, now: datetime) -> Subscription:
    """It is where the day puts it. The caller holds its lock, in a transaction."""
    day = day_of(now)
    if subscription.tenant.state in _LEAVING:
        return _cancel(subscription, now)
    for _ in range(_MAX_STEPS):
        if not _step(subscription, day, now):
            return subscription
    raise RuntimeError(f"Subscription {subscription.pk} finds no end.")


def subscription_settle(*, subscription: Subscription) -> None:
    """Money came, or an invoice was taken back: with nothing overdue its agents run. The caller holds the lock."""
    if subscription.state not in (_S.PAST_DUE, _S.SUSPENDED) or subscription.period_start is None:
        return
    day = day_of(timezone.now())
    if _overdue(subscription, day) is None:
        _reactivate(subscription, day)


def _step(subscription: Subscription, day: date, now: datetime) -> bool:
    """One change of state, if the day calls for one; whether it did."""
    if subscription.state == _S.CANCELLED:
        return False
    if subscription.state == _S.TRIAL and subscription.next_plan is not None:
        plan_apply(subscription=subscription, plan=subscription.next_plan)
        return True
    if subscription.cancels and _ends_on(subscription) <= day:
        _cancel(subscription, now)
        return True
    if subscription.period_start is None:
        return _begin(subscription, day) if _trial_is_over(subscription, day) else _warn_of_end(subscription, day)
    if subscription.state != _S.SUSPENDED and subscription.period_end is not None and subscription.period_end <= day:
        _next_period(subscription, subscription.period_end)
        return True
    overdue = _overdue(subscription, day)
    if overdue is not None:
        since = overdue.failed_on or overdue.due_on + timedelta(days=1)
        return _dun(subscription, since, day, now, card_failed=overdue.failed_on is not None)
    if subscription.state in (_S.PAST_DUE, _S.SUSPENDED):
        _reactivate(subscription, day)
        return True
    return False


def _ends_on(subscription: Subscription) -> date:
    return subscription.period_end or subscription.trial_ends_on


def _trial_is_over(subscription: Subscription, day: date) -> bool:
    return subscription.trial_ends_on <= day


def _begin(subscription: Subscription, day: date) -> bool:
    """The trial is over: the first period begins where somebody agreed to pay, and else a wait for that."""
    if subscription.agreed_at is None:
        return _dun(subscription, subscription.trial_ends_on, day, timezone.now())
    # Who agreed late pays from that day on, not for the days on which the agents stood still.
    start = max(subscription.trial_ends_on, day_of(subscription.agreed_at))
    subscription.anchor_day = start.day
    _open_period(subscription, start)
    _reactivate(subscription, day)
    return True


def _warn_of_end(subscription: Subscription, day: date) -> bool:
    if subscription.agreed_at is None and subscription.trial_ends_on - timedelta(days=settings.TRIAL_WARN_DAYS) <= day:
        notice_queue(subscription=subscription, kind="trial_ending", about=subscription.trial_ends_on)
    return False


def _next_period(subscription: Subscription, start: date) -> None:
    if subscription.next_plan is not None:
        plan_apply(subscription=subscription, plan=subscription.next_plan)
    _open_period(subscription, start)


def _open_period(subscription: Subscription, start: date) -> None:
    subscription.period_start, subscription.period_end = start, next_period(start, subscription.anchor_day)
    subscription.save(update_fields=["period_start", "period_end", "anchor_day"])
    invoice_issue(subscription=subscription, period_start=start, period_end=subscription.period_end, issued_on=start)


def _overdue(subscription: Subscription, day: date) -> Invoice | None:
    """The oldest invoice that is unpaid though its day has passed, or whose card was refused."""
    unpaid = Invoice.objects.filter(subscription=subscription, kind=InvoiceKind.INVOICE, state=InvoiceState.OPEN)
    late = models.Q(due_on__lt=day) | models.Q(failed_on__isnull=False)
    return unpaid.filter(late).order_by("due_on").first()


def _dun(subscription: Subscription, since: date, day: date, now: datetime, *, card_failed: bool = False) -> bool:
    """Warned at first, suspended when the grace is over; whether the state changed."""
    if subscription.state in (_S.TRIAL, _S.ACTIVE):
        subscription.state, subscription.past_due_on = _S.PAST_DUE, day
        subscription.save(update_fields=["state", "past_due_on"])
        kind = NoticeKind.PAYMENT_FAILED if card_failed else NoticeKind.PAST_DUE
        notice_queue(subscription=subscription, kind=kind, about=since)
        return True
    if subscription.state == _S.PAST_DUE and grace_ends_on(subscription) <= day:
        customer = subscription.tenant
        pauses = customer.paused_at is None
        if pauses:
            customer_pause(customer=customer, actor=None)
        subscription.state, subscription.suspended_at = _S.SUSPENDED, now
        subscription.has_paused = pauses
        subscription.save(update_fields=["state", "suspended_at", "has_paused"])
        notice_queue(subscription=subscription, kind="suspended", about=since)
        logger.info("customer %s suspended", customer.pk)
        return True
    return False


def plan_apply(*, subscription: Subscription, plan: Plan) -> None:
    """The subscription, and with it the customer's agents, go by this plan from now on. The caller holds the lock."""
    subscription.plan, subscription.next_plan = plan, None
    subscription.save(update_fields=["plan", "next_plan"])
    Customer.objects.filter(pk=subscription.tenant_id).update(plan=plan.pk)


def _reactivate(subscription: Subscription, day: date) -> None:
    resumes = subscription.has_paused
    if subscription.suspended_at is not None and subscription.period_end is not None and subscription.period_end < day:
        subscription.period_end, subscription.anchor_day = day, day.day
    subscription.state, subscription.past_due_on = _S.ACTIVE, None
    subscription.suspended_at, subscription.has_paused = None, False
    subscription.save(update_fields=["state", "past_due_on", "suspended_at", "has_paused", "period_end", "anchor_day"])
    if resumes:
        customer_resume(customer=subscription.tenant, actor=None)
        logger.info("customer %s runs again", subscription.tenant_id)


def _cancel(subscription: Subscription, now: datetime) -> Subscription:
    subscription.state, subscription.cancelled_at, subscription.next_plan = _S.CANCELLED, now, None
    subscription.save(update_fields=["state", "cancelled_at", "next_plan"])
    customer = subscription.tenant
    if customer.state not in _LEAVING and customer.paused_at is None:
        customer_pause(customer=customer, actor=None)
    provider_of(subscription).follow(subscription=subscription)
    logger.info("subscription of customer %s ended", customer.pk)
    return subscription
