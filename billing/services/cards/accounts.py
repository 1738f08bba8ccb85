"""A subscription here and its like at Stripe, brought together. Platform context; calls Stripe outside transactions.

The price is always ours to say. Whether it ends with the period may be said on both sides: what was changed at Stripe
since the last look is taken as the owner's wish, and else ours is written there. One worker compares at a time, by a
claim that a crash gives back after some minutes.
"""

import logging
import uuid
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing.charges import charge_of
from billing.days import day_of
from billing.errors import BillingRefused, CardAccountBusy, PaymentsUnknown
from billing.models import CardAccount, Payment, Subscription, SubscriptionState
from billing.payments.stripe import api
from billing.payments.stripe.remote import RemoteSubscription
from billing.services.cards.prices import card_price_ensure
from billing.services.lifecycle import subscription_advance, subscription_locked
from billing.services.subscriptions import subscription_cancel, subscription_keep

logger = logging.getLogger(__name__)

# Longer than all calls of one comparison with their retries.
_CLAIM: Final = timedelta(minutes=5)


def card_account_follow(*, subscription_id: uuid.UUID) -> None:
    """Both sides say the same. Safe to repeat; nothing where nobody pays by card.

    Raises CardAccountBusy and PaymentsAway, after which a later try can help.
    """
    account = CardAccount.objects.filter(subscription=subscription_id, subscription_ref__isnull=False).first()
    if account is None:
        return
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - _CLAIM)
    if not CardAccount.objects.filter(free, pk=account.pk).update(claimed_at=now):
        raise CardAccountBusy.of(subscription_id)
    try:
        account.refresh_from_db()
        if account.subscription_ref:
            _compare(account, account.subscription_ref)
    finally:
        CardAccount.objects.filter(pk=account.pk, claimed_at=now).update(claimed_at=None)


def card_accounts_behind() -> list[uuid.UUID]:
    """Subscriptions of which Stripe does not know the latest, for a message was lost or a price or tax changed."""
    behind = []
    related = ("subscription__plan", "subscription__next_plan", "price")
    for account in CardAccount.objects.filter(subscription_ref__isnull=False).select_related(*related):
        subscription = account.subscription
        plan = subscription.next_plan or subscription.plan
        charge = charge_of(subscription=subscription, plan=plan)
        wanted = (plan.pk, charge.total_minor, subscription.cancels)
        known = (account.price.plan_id, account.price.amount_minor, account.cancels) if account.price else None
        if known != wanted or _is_unwanted(subscription):
            behind.append(subscription.pk)
    return behind


def card_account_link(*, account: CardAccount, remote: RemoteSubscription) -> str:
    """From now on this subscription at Stripe pays for ours; what is wrong with that, or nothing. Safe to repeat."""
    if remote.is_over or not remote.has_begun:
        return ""
    with transaction.atomic():
        subscription = subscription_locked(account.subscription_id)
        locked = CardAccount.objects.select_for_update().get(pk=account.pk)
        is_taken = locked.subscription_ref not in (None, remote.ref)
        if not is_taken and subscription.state != SubscriptionState.CANCELLED:
            if locked.subscription_ref is None:
                locked.subscription_ref = remote.ref
                locked.cancels = False
                locked.save(update_fields=["subscription_ref", "cancels"])
                subscription.payment = Payment.STRIPE
                subscription.agreed_at = subscription.agreed_at or remote.started_at
                subscription.save(update_fields=["payment", "agreed_at"])
                logger.info("customer %s pays by card", subscription.tenant_id)
                subscription_advance(subscription=subscription, now=timezone.now())
            return ""
    api.subscription_end(remote.ref)
    why = "The customer paid by card already" if is_taken else "The subscription had ended"
    return f"{why}: {remote.ref} was ended at Stripe. Pay back there what it took."


def _compare(account: CardAccount, ref: str) -> None:
    try:
        remote = api.subscription(ref)
    except PaymentsUnknown:
        return _unlink(account, ref)
    if remote.is_over:
        return _unlink(account, ref)
    if remote.cancels != account.cancels:
        _take_wish(account, remote)
    subscription = Subscription.objects.select_related("plan", "next_plan").get(pk=account.subscription_id)
    if _is_unwanted(subscription):
        api.subscription_end(ref)
        return _unlink(account, ref)
    price = card_price_ensure(subscription=subscription, plan=subscription.next_plan or subscription.plan)
    wanted = (price.price_ref, subscription.cancels)
    if (remote.price_ref, remote.cancels) != wanted:
        api.subscription_set(found=remote, price_ref=price.price_ref, cancels=subscription.cancels)
    CardAccount.objects.filter(pk=account.pk, subscription_ref=ref).update(
        price=price, cancels=subscription.cancels, looked_at=timezone.now()
    )
    return None


def _is_unwanted(subscription: Subscription) -> bool:
    """Whether Stripe is to take nothing more: it ended, or stands still and what was paid for is over."""
    if subscription.state == SubscriptionState.CANCELLED:
        return True
    is_over = subscription.period_end is not None and subscription.period_end <= day_of(timezone.now())
    return subscription.state == SubscriptionState.SUSPENDED and is_over


def _take_wish(account: CardAccount, remote: RemoteSubscription) -> None:
    """What somebody chose on Stripe's pages is the owner's wish here."""
    wish = subscription_cancel if remote.cancels else subscription_keep
    CardAccount.objects.filter(pk=account.pk).update(cancels=remote.cancels)
    try:
        wish(subscription=account.subscription)
    except BillingRefused:
        logger.info("the subscription of customer %s has ended meanwhile", account.tenant_id)


def _unlink(account: CardAccount, ref: str) -> None:
    """Stripe takes nothing any more; what comes is paid by transfer, unless somebody gives a card again."""
    with transaction.atomic():
        subscription = subscription_locked(account.subscription_id)
        gone = CardAccount.objects.filter(pk=account.pk, subscription_ref=ref)
        if gone.update(subscription_ref=None, price=None, cancels=False, looked_at=timezone.now()):
            subscription.payment = Payment.MANUAL
            subscription.save(update_fields=["payment"])
            logger.info("customer %s pays by card no more", subscription.tenant_id)
