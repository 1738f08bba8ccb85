"""Prices and customers at Stripe, made when they are first needed. Platform context; calls Stripe."""

from billing.charges import charge_of
from billing.models import CardAccount, CardPrice, Plan, Subscription
from billing.payments.stripe import api


def card_price_ensure(*, subscription: Subscription, plan: Plan) -> CardPrice:
    """Stripe's price for a month of this plan, as this customer pays it with its tax. Safe to repeat."""
    charge = charge_of(subscription=subscription, plan=plan)
    sought = {"plan": plan, "amount_minor": charge.total_minor, "currency": charge.currency}
    found = CardPrice.objects.filter(**sought).first()
    if found is not None:
        return found
    ref = api.product_and_price(
        name=plan.name,
        amount_minor=charge.total_minor,
        currency=charge.currency,
        monthly=True,
        key=f"plan-{plan.code}-{charge.total_minor}-{charge.currency}",
    )
    return CardPrice.objects.get_or_create(**sought, defaults={"price_ref": ref})[0]


def card_account_ensure(*, subscription: Subscription) -> CardAccount:
    """The customer at Stripe, known by name and the address that invoices go to. Safe to repeat."""
    found = CardAccount.objects.filter(subscription=subscription).first()
    if found is not None:
        return found
    ref = api.customer_make(
        name=subscription.billing_name or subscription.tenant.name,
        email=subscription.billing_email or subscription.tenant.email,
        subscription=str(subscription.pk),
    )
    made, _ = CardAccount.objects.get_or_create(
        subscription=subscription, defaults={"tenant": subscription.tenant, "customer_ref": ref}
    )
    return made
