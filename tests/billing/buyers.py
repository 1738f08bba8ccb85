"""Customers with subscriptions, on days of the test's choice."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction

from billing import services
from billing.models import Invoice, Subscription
from tenants.models import Customer, CustomerState
from tests.factories import make_customer


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def make_subscription(*, agreed: bool = True, trial_ends_on: date = date(2026, 1, 10), **fields: Any) -> Subscription:
    """A customer's subscription as the sweep finds it before that day."""
    customer = make_customer(state=CustomerState.ACTIVE)
    made = services.subscription_begin(customer=customer, agreed=agreed)
    wanted = {"trial_ends_on": trial_ends_on, "anchor_day": trial_ends_on.day, **fields}
    if agreed:
        wanted.setdefault("agreed_at", noon(date(2026, 1, 1)))
    Subscription.objects.filter(pk=made.pk).update(**wanted)
    return again(made)


def pays(customer: Customer, start: date, end: date, **fields: Any) -> Subscription:
    """The customer's active subscription to its plan in this period, which is invoiced."""
    made = services.subscription_begin(customer=customer, agreed=True)
    values = {"state": "active", "agreed_at": noon(start), "trial_ends_on": start, "anchor_day": start.day}
    Subscription.objects.filter(pk=made.pk).update(**values | {"period_start": start, "period_end": end} | fields)
    found = again(made)
    services.invoice_issue(subscription=found, period_start=start, period_end=end, issued_on=start)
    return found


def again(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("plan", "tenant").get(pk=subscription.pk)


def on(day: date, subscription: Subscription) -> Subscription:
    """The subscription after the sweep of that day."""
    with transaction.atomic():
        locked = services.subscription_locked(subscription.pk)
        services.subscription_advance(subscription=locked, now=noon(day))
    return again(subscription)


def invoices(subscription: Subscription) -> list[Invoice]:
    """The oldest first."""
    return list(Invoice.objects.select_related("tenant").filter(subscription=subscription).order_by("number"))


def customer_of(subscription: Subscription) -> Customer:
    return Customer.objects.get(pk=subscription.tenant_id)
