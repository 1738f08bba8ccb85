"""An owner's way to Stripe's pages. The web process writes the wish; a worker, which has the key, the address."""

import logging
import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from billing.errors import BillingRefused, PaymentsRefused, PaymentsUnknown
from billing.models import (
    CardAccount,
    CardVisit,
    Invoice,
    InvoiceKind,
    InvoiceState,
    Payment,
    Subscription,
    SubscriptionState,
    VisitKind,
)
from billing.payments.stripe import api
from billing.services.cards.prices import card_account_ensure, card_price_ensure
from tenants.members.addresses import portal_url

logger = logging.getLogger(__name__)

# Who presses twice is led to the same page.
_SAME_FOR: Final = timedelta(minutes=1)
# Stripe asks for a trial of two days at least; the hour is for reading its page.
_SHORTEST_TRIAL: Final = timedelta(hours=49)
_CANT_OPEN: Final = "The payment page can't be opened at the moment. We look into it; nothing was charged."


def card_visit_begin(*, subscription: Subscription, kind: str, invoice: Invoice | None = None) -> CardVisit:
    """An owner wishes to be led to Stripe; the one of a minute ago, if there is one. The customer's own context.

    Raises BillingRefused where there is nothing to be done there.
    """
    if not settings.CARD_PAYMENTS:
        raise BillingRefused("Cards are not taken here. Pay by transfer.")
    _CHECKS[VisitKind(kind)](subscription, invoice)
    recent = CardVisit.objects.filter(
        subscription=subscription, kind=kind, invoice=invoice, problem="", created_at__gt=timezone.now() - _SAME_FOR
    ).first()
    if recent is not None:
        return recent
    with transaction.atomic():
        visit = CardVisit.objects.create(
            tenant=subscription.tenant, subscription=subscription, kind=kind, invoice=invoice
        )
        _ask_worker(visit)
    return visit


def card_visit_answer(*, visit_id: uuid.UUID) -> None:
    """The visit has the address of Stripe's page, or the reason why there is none. Safe to repeat. Platform context.

    Raises PaymentsAway when a later try can help.
    """
    visit = (
        CardVisit.objects.select_related("subscription__plan", "subscription__next_plan", "tenant", "invoice")
        .filter(pk=visit_id, url="", problem="")
        .first()
    )
    if visit is None:
        return
    try:
        url, problem = _address(visit), ""
    except (PaymentsRefused, PaymentsUnknown) as error:
        logger.error("Stripe's page for customer %s can't be opened: %s %s", visit.tenant_id, error, error.next_action)
        url, problem = "", _CANT_OPEN
    CardVisit.objects.filter(pk=visit.pk, url="", problem="").update(url=url, problem=problem)


def _address(visit: CardVisit) -> str:
    subscription, back = visit.subscription, portal_url(host=visit.tenant.host, path="/billing/")
    account = card_account_ensure(subscription=subscription)
    if visit.kind == VisitKind.PORTAL:
        return api.portal_url(customer_ref=account.customer_ref, return_url=back)
    if visit.invoice is not None:
        return _pay(account, visit, visit.invoice, back)
    price = card_price_ensure(subscription=subscription, plan=subscription.next_plan or subscription.plan)
    now = timezone.now()
    first = datetime.combine(subscription.period_end or subscription.trial_ends_on, time(), UTC)
    is_trial = subscription.period_start is None and first - now >= _SHORTEST_TRIAL
    page = api.checkout_subscribe(
        customer_ref=account.customer_ref,
        price_ref=price.price_ref,
        first_charge_at=first if first > now else None,
        is_trial=is_trial,
        return_url=back,
        key=str(visit.pk),
    )
    return page.url


def _pay(account: CardAccount, visit: CardVisit, invoice: Invoice, back: str) -> str:
    price_ref = api.product_and_price(
        name=f"Invoice {invoice.number}",
        amount_minor=invoice.total_minor,
        currency=invoice.currency,
        monthly=False,
        key=f"invoice-{invoice.pk}",
    )
    page = api.checkout_pay(
        customer_ref=account.customer_ref,
        price_ref=price_ref,
        invoice=str(invoice.pk),
        return_url=back,
        key=str(visit.pk),
    )
    return page.url


def _may_subscribe(subscription: Subscription, invoice: Invoice | None) -> None:
    del invoice
    if subscription.state == SubscriptionState.CANCELLED or subscription.cancels:
        raise BillingRefused("The subscription ends. Keep it first, then pay by card.")
    if subscription.payment == Payment.STRIPE:
        raise BillingRefused("You pay by card already.")
    # Stripe asks from the next period on; what is open now would stay open.
    if _open_invoices(subscription).exists():
        raise BillingRefused("Pay the open invoice first, by card or by transfer.")


def _may_pay(subscription: Subscription, invoice: Invoice | None) -> None:
    if invoice is None or not _open_invoices(subscription).filter(pk=invoice.pk).exists():
        raise BillingRefused("This invoice is not open. There is nothing to pay.")
    if subscription.payment == Payment.STRIPE:
        raise BillingRefused("This invoice is charged to your card. If it was refused, change the card.")


def _may_change_card(subscription: Subscription, invoice: Invoice | None) -> None:
    del invoice
    if not CardAccount.objects.filter(subscription=subscription).exists():
        raise BillingRefused("No card is known yet. Choose to pay by card first.")


_CHECKS: Final = {
    VisitKind.SUBSCRIBE: _may_subscribe,
    VisitKind.INVOICE: _may_pay,
    VisitKind.PORTAL: _may_change_card,
}


def _open_invoices(subscription: Subscription) -> models.QuerySet[Invoice]:
    return Invoice.objects.filter(subscription=subscription, kind=InvoiceKind.INVOICE, state=InvoiceState.OPEN)


def _ask_worker(visit: CardVisit) -> None:
    from billing.tasks import card_visit_answer as task

    transaction.on_commit(lambda: task.delay(str(visit.pk)), robust=True)
