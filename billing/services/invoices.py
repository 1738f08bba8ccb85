"""Invoices: issued once a period with the next number, then only marked as paid or taken back.

A number is taken from its year's row in the transaction that writes the invoice. Whoever fails gives it back; whoever
comes meanwhile waits. What an invoice says can't be changed later: the platform's database role may not
(tenants/isolation/policies.py).
"""

import logging
import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing.charges import charge_of
from billing.days import day_of
from billing.errors import BillingRefused
from billing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceSeries, InvoiceState, Subscription
from billing.payments import provider_of
from tenants.models import User

logger = logging.getLogger(__name__)


def invoice_issue(*, subscription: Subscription, period_start: date, period_end: date, issued_on: date) -> Invoice:
    """The invoice for this period of the subscription's plan; the one that exists, if there is one. Safe to repeat.

    The plan's price of now is what is asked. How it is asked for is the payment provider's, after the commit. The
    caller holds the subscription's lock.
    """
    with transaction.atomic():
        existing = (
            Invoice.objects.filter(subscription=subscription, period_start=period_start, kind=InvoiceKind.INVOICE)
            .exclude(state=InvoiceState.CANCELLED)
            .first()
        )
        if existing is not None:
            return existing
        plan = subscription.plan
        charge = charge_of(subscription=subscription, plan=plan)
        last_day = period_end - timedelta(days=1)
        invoice = Invoice.objects.create(
            tenant=subscription.tenant,
            subscription=subscription,
            number=_next_number(issued_on),
            issued_on=issued_on,
            due_on=issued_on + timedelta(days=settings.INVOICE_DUE_DAYS),
            period_start=period_start,
            period_end=period_end,
            seller=settings.INVOICE_SELLER,
            buyer=_buyer(subscription),
            buyer_tax_id=subscription.tax_id,
            currency=charge.currency,
            net_minor=charge.net_minor,
            tax_percent=charge.tax_percent,
            tax_minor=charge.tax_minor,
            total_minor=charge.total_minor,
        )
        InvoiceLine.objects.create(
            tenant=subscription.tenant,
            invoice=invoice,
            description=f"{plan.name}, {period_start:%-d %B %Y} to {last_day:%-d %B %Y}",
            amount_minor=charge.net_minor,
        )
        if invoice.total_minor == 0:
            _settle(invoice, paid_on=issued_on, paid_by=None, reference="")
        provider_of(subscription).collect(invoice=invoice)
        logger.info("invoice %s issued to customer %s", invoice.number, subscription.tenant_id)
    return invoice


def invoice_mark_paid(*, invoice: Invoice, paid_on: date, paid_by: User | None, reference: str = "") -> Invoice:
    """The invoice is paid, and a subscription that waited for nothing else runs again. Safe to repeat.

    Raises BillingRefused for a credit note, a cancelled invoice, and a day that has not come.
    """
    from billing.services.lifecycle import subscription_locked, subscription_settle

    with transaction.atomic():
        subscription = subscription_locked(invoice.subscription_id)
        locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
        if locked.kind != InvoiceKind.INVOICE or locked.state == InvoiceState.CANCELLED:
            raise BillingRefused(f"{locked.number} can't be paid: it is {_what_it_is(locked)}.")
        if paid_on > day_of(timezone.now()):
            raise BillingRefused({"paid_on": "This day has not come yet. Give the day of the transfer."})
        if locked.state == InvoiceState.OPEN:
            _settle(locked, paid_on=paid_on, paid_by=paid_by, reference=reference)
            logger.info("invoice %s paid", locked.number)
            subscription_settle(subscription=subscription)
    invoice.refresh_from_db()
    return locked


def invoice_mark_failed(*, invoice: Invoice, failed_on: date) -> Invoice:
    """Its card was refused on this day; the first such day stays. An invoice that is not open is left alone.

    What follows for the subscription is `subscription_advance`'s, which the caller asks next. Safe to repeat.
    """
    with transaction.atomic():
        locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
        if locked.state == InvoiceState.OPEN and locked.failed_on is None:
            locked.failed_on = failed_on
            locked.save(update_fields=["failed_on"])
            logger.info("the card for invoice %s was refused", locked.number)
    return locked


def invoice_cancel(*, invoice: Invoice, reason: str) -> Invoice:
    """The invoice is taken back by a credit note with a number of its own; the note. Safe to repeat.

    What was paid stays recorded; paying it back is the bank's business. Raises BillingRefused without a reason, and
    for a credit note.
    """
    from billing.services.lifecycle import subscription_locked, subscription_settle

    if not reason.strip():
        raise BillingRefused({"reason": "Say why; the customer reads it on the credit note."})
    with transaction.atomic():
        subscription = subscription_locked(invoice.subscription_id)
        locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
        if locked.kind == InvoiceKind.CREDIT_NOTE:
            raise BillingRefused(f"{locked.number} is a credit note. It can't be taken back.")
        existing = Invoice.objects.filter(corrects=locked).first()
        if existing is not None:
            return existing
        note = _credit_note(locked, reason.strip())
        provider_of(subscription).collect(invoice=note)
        locked.state = InvoiceState.CANCELLED
        locked.save(update_fields=["state"])
        subscription_settle(subscription=subscription)
        logger.info("invoice %s cancelled by %s", locked.number, note.number)
    invoice.refresh_from_db()
    return note


def _credit_note(invoice: Invoice, reason: str) -> Invoice:
    day = day_of(timezone.now())
    note = Invoice.objects.get(pk=invoice.pk)
    note.pk, note._state.adding = uuid.uuid4(), True
    note.number, note.kind, note.corrects = _next_number(day), InvoiceKind.CREDIT_NOTE, invoice
    note.issued_on, note.due_on = day, day
    note.net_minor, note.tax_minor, note.total_minor = -note.net_minor, -note.tax_minor, -note.total_minor
    note.state, note.paid_on, note.paid_by, note.payment_reference = InvoiceState.PAID, day, None, ""
    note.mailed_at = None
    note.save(force_insert=True)
    InvoiceLine.objects.create(
        tenant=note.tenant,
        invoice=note,
        description=f"Takes back {invoice.number}: {reason}"[:200],
        amount_minor=note.net_minor,
    )
    return note


def _next_number(day: date) -> str:
    """As 2026-000123. The row stays locked until the transaction ends."""
    InvoiceSeries.objects.bulk_create([InvoiceSeries(year=day.year)], ignore_conflicts=True)
    series = InvoiceSeries.objects.select_for_update().get(year=day.year)
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return f"{day.year}-{series.last_number:06d}"


def _settle(invoice: Invoice, *, paid_on: date, paid_by: User | None, reference: str) -> None:
    invoice.state, invoice.paid_on, invoice.paid_by = InvoiceState.PAID, paid_on, paid_by
    invoice.payment_reference = reference[:100]
    invoice.save(update_fields=["state", "paid_on", "paid_by", "payment_reference"])


def _buyer(subscription: Subscription) -> str:
    lines = [subscription.billing_name or subscription.tenant.name, *subscription.billing_address.splitlines()]
    return "\n".join(line.strip() for line in lines if line.strip())


def _what_it_is(invoice: Invoice) -> str:
    return "a credit note" if invoice.kind == InvoiceKind.CREDIT_NOTE else "cancelled"
