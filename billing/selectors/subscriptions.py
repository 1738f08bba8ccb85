"""Reads about subscriptions and invoices. A customer's own context, or the platform's."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet

from billing.days import day_of
from billing.models import CardVisit, Invoice, InvoiceState, Payment, Plan, Subscription, SubscriptionState
from billing.periods import grace_ends_on


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a subscription stands, as its owner reads it. `tone` is good, bad or neither."""

    title: str
    text: str
    tone: str = ""
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChoices:
    """Which of Stripe's pages lead on from here."""

    can_subscribe: bool
    can_pay_invoices: bool
    can_change_card: bool
    has_failed: bool


def subscription_of(*, customer_id: uuid.UUID) -> Subscription | None:
    """The customer's subscription with its plans."""
    return Subscription.objects.select_related("plan", "next_plan", "tenant").filter(tenant=customer_id).first()


def plans_for(*, subscription: Subscription) -> list[Plan]:
    """Its own plan and those it can go over to, cheapest first: what is sold, in its currency once it was charged."""
    plans = Plan.objects.filter(is_active=True) | Plan.objects.filter(pk=subscription.plan_id)
    if subscription.period_start is not None:
        plans = plans.filter(currency=subscription.plan.currency)
    return list(plans)


def invoices_of(*, customer_id: uuid.UUID) -> QuerySet[Invoice]:
    """The customer's invoices and credit notes, the newest first."""
    return Invoice.objects.filter(tenant=customer_id)


def invoice_of(*, customer_id: uuid.UUID, invoice_id: uuid.UUID) -> Invoice | None:
    """One invoice of the customer with its lines."""
    found = Invoice.objects.select_related("corrects", "subscription").prefetch_related("lines")
    return found.filter(tenant=customer_id, pk=invoice_id).first()


def card_visit_of(*, customer_id: uuid.UUID, visit_id: uuid.UUID) -> CardVisit | None:
    """One way of an owner of the customer to Stripe's pages."""
    return CardVisit.objects.filter(tenant=customer_id, pk=visit_id).first()


def card_choices(*, subscription: Subscription) -> CardChoices:
    """What an owner can do with a card now."""
    has_open = invoices_of(customer_id=subscription.tenant_id).filter(state=InvoiceState.OPEN).exists()
    by_card = subscription.payment == Payment.STRIPE
    goes_on = subscription.state != SubscriptionState.CANCELLED and not subscription.cancels
    return CardChoices(
        can_subscribe=settings.CARD_PAYMENTS and not by_card and goes_on and not has_open,
        can_pay_invoices=settings.CARD_PAYMENTS and not by_card,
        can_change_card=settings.CARD_PAYMENTS and by_card,
        has_failed=by_card
        and invoices_of(customer_id=subscription.tenant_id)
        .filter(state=InvoiceState.OPEN, failed_on__isnull=False)
        .exists(),
    )


def standing_of(*, subscription: Subscription) -> Standing:
    """Where it stands today, and what the owner can do about it."""
    last_day = subscription.period_end - timedelta(days=1) if subscription.period_end else None
    title, text, tone = _words(subscription, last_day)
    if subscription.cancels and subscription.state != SubscriptionState.CANCELLED:
        text = f"{text} It ends then, as you wished."
    return Standing(title, text, tone, last_day)


def _words(subscription: Subscription, last_day: date | None) -> tuple[str, str, str]:
    state, is_trial = subscription.state, subscription.period_start is None
    by_card = subscription.payment == Payment.STRIPE
    if state == SubscriptionState.TRIAL:
        first = f"The trial ends on {subscription.trial_ends_on:%-d %B %Y}."
        agreed = "Your card is charged then." if by_card else "The first invoice comes then."
        rest = agreed if subscription.agreed_at else "Nothing is charged unless you agree."
        return "Trial.", f"{first} {rest}", ""
    if state == SubscriptionState.ACTIVE:
        return "Active.", f"This period ends on {last_day:%-d %B %Y}." if last_day else "", "good"
    if state == SubscriptionState.PAST_DUE:
        late = "Your card was refused" if by_card else "An invoice is overdue"
        why = "The trial is over" if is_trial else late
        return "Payment needed.", f"{why}. The agents stop on {grace_ends_on(subscription):%-d %B %Y}.", "bad"
    if state == SubscriptionState.SUSPENDED:
        what = "Agree to a plan" if is_trial else "Pay the open invoice"
        return "Suspended.", f"The agents stand still. {what}, and they go on where they stopped.", "bad"
    when = subscription.cancelled_at
    return "Ended.", f"The subscription ended on {day_of(when):%-d %B %Y}." if when else "", "bad"
