"""What Stripe tells. Platform context, but for `card_event_take`.

A message says only that something happened to an object. The object is asked for as it stands now, and what stands is
carried out by services that are safe to repeat: so it does not matter in which order messages come, how often, whether
two workers have one at once, or whether one was lost and found again.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from billing.days import day_of
from billing.errors import BillingRefused, CardEventEarly, PaymentsRefused, PaymentsUnknown
from billing.models import CardAccount, CardVisit, Invoice, InvoiceKind, InvoiceState, PaymentEvent
from billing.payments.stripe import api
from billing.payments.stripe.remote import RemoteEvent, RemoteInvoice
from billing.services.cards.accounts import card_account_follow, card_account_link
from billing.services.invoices import invoice_mark_failed, invoice_mark_paid
from billing.services.lifecycle import subscription_advance, subscription_locked

logger = logging.getLogger(__name__)

_NOBODY: Final = "It is no customer of ours."
# A message that is not carried out so long after it came was lost on the way to a worker.
_LOST_AFTER: Final = timedelta(minutes=2)
_VISITS_KEPT: Final = timedelta(days=7)
# Longer than Stripe's own list, or what is found there would be carried out anew.
_EVENTS_KEPT: Final = timedelta(days=60)


def card_event_take(*, payload: bytes, signature: str) -> None:
    """The webhook's message is noted and given to a worker. Safe to repeat. The public host's context is enough.

    Raises PaymentsForged when it is not Stripe's.
    """
    event = api.webhook_event(payload, signature)
    if event.kind in api.KINDS:
        _note(event)
        _give_to_worker(event.id)


def card_events_replay(*, since: datetime) -> int:
    """What Stripe told since then and never reached us is noted and given to a worker; how many. Safe to repeat."""
    found = {event.id: event for event in api.events(since=since)}
    known = set(PaymentEvent.objects.filter(pk__in=found).values_list("pk", flat=True))
    missed = sorted((event for key, event in found.items() if key not in known), key=lambda event: event.happened_at)
    for event in missed:
        _note(event)
        _give_to_worker(event.id)
    if missed:
        logger.warning("%d messages of Stripe's were missed and are carried out now", len(missed))
    return len(missed)


def card_events_waiting() -> list[str]:
    """Messages that came and were not carried out, the oldest first."""
    waiting = PaymentEvent.objects.filter(done_at=None, received_at__lt=timezone.now() - _LOST_AFTER)
    return list(waiting.order_by("happened_at").values_list("pk", flat=True))


def card_events_again(*, event_ids: list[str]) -> int:
    """These messages are carried out once more; how many. Safe to repeat."""
    again = PaymentEvent.objects.filter(pk__in=event_ids)
    count = again.update(done_at=None, problem="")
    for event_id in event_ids:
        _give_to_worker(event_id)
    return count


def card_traces_forget() -> int:
    """Visits and messages of long ago are gone, but for messages that wait or need a look; how many. Safe to repeat."""
    now = timezone.now()
    visits = CardVisit.objects.filter(created_at__lt=now - _VISITS_KEPT)
    events = PaymentEvent.objects.filter(problem="", done_at__isnull=False, happened_at__lt=now - _EVENTS_KEPT)
    return visits.delete()[0] + events.delete()[0]


def card_event_apply(*, event_id: str) -> None:
    """What the message is about is carried out as it stands at Stripe now. Safe to repeat, and at once.

    Raises PaymentsAway, CardAccountBusy and CardEventEarly, after which a later try can help. What a person has to look
    at is written to the message's row.
    """
    if not PaymentEvent.objects.filter(pk=event_id, done_at=None).update(tries=F("tries") + 1):
        return
    event = PaymentEvent.objects.get(pk=event_id)
    apply = _APPLIES[event.kind.partition(".")[0]]
    try:
        problem = apply(event.object_ref)
    except (PaymentsUnknown, PaymentsRefused) as error:
        problem = f"{error} {error.next_action}"
    except BillingRefused as error:
        problem = " ".join(error.messages)
    if problem:
        logger.error("Stripe's message %s needs a look: %s", event.pk, problem)
    PaymentEvent.objects.filter(pk=event_id).update(done_at=timezone.now(), problem=problem[:300])


def _checkout(ref: str) -> str:
    page = api.checkout(ref)
    account = _account(page.customer_ref)
    if account is None:
        return _NOBODY
    if page.subscription_ref:
        return card_account_link(account=account, remote=api.subscription(page.subscription_ref))
    invoice = _invoice_named(page.invoice, account)
    if invoice is None:
        return "It paid for no invoice of this customer."
    if not page.is_paid:
        return ""
    if invoice.state != InvoiceState.OPEN and invoice.payment_reference != page.ref:
        return f"{invoice.number} was paid by card though it was not open. Pay it back at Stripe."
    invoice_mark_paid(invoice=invoice, paid_on=day_of(timezone.now()), paid_by=None, reference=page.ref)
    return ""


def _subscription(ref: str) -> str:
    remote = api.subscription(ref)
    account = _account(remote.customer_ref)
    if account is None:
        return _NOBODY
    problem = card_account_link(account=account, remote=remote)
    card_account_follow(subscription_id=account.subscription_id)
    return problem


def _invoice(ref: str) -> str:
    remote = api.invoice(ref)
    account = _account(remote.customer_ref)
    if account is None or not remote.subscription_ref:
        return _NOBODY
    if account.subscription_ref != remote.subscription_ref:
        problem = card_account_link(account=account, remote=api.subscription(remote.subscription_ref))
        if problem:
            return problem
    if remote.total_minor == 0:
        return ""
    ours = _ours(account, remote)
    if ours is None:
        return f"There is no invoice here for the period that began on {day_of(remote.period_start)}."
    if (ours.currency, ours.total_minor) != (remote.currency, remote.total_minor):
        return f"Stripe asks another amount than {ours.number}. Settle the difference, and mark it by hand."
    if remote.paid_at is not None and remote.status == "paid":
        # Around midnight Stripe's clock may be a day ahead of ours.
        paid_on = min(day_of(remote.paid_at), day_of(timezone.now()))
        invoice_mark_paid(invoice=ours, paid_on=paid_on, paid_by=None, reference=remote.ref)
    elif remote.has_failed:
        with transaction.atomic():
            subscription = subscription_locked(account.subscription_id)
            invoice_mark_failed(invoice=ours, failed_on=day_of(timezone.now()))
            subscription_advance(subscription=subscription, now=timezone.now())
    return ""


_APPLIES: Final[dict[str, Callable[[str], str]]] = {
    "checkout": _checkout,
    "customer": _subscription,
    "invoice": _invoice,
}


def _ours(account: CardAccount, remote: RemoteInvoice) -> Invoice | None:
    """Our invoice for the period that Stripe's is for; issued now if the sweep has not come by since it began."""
    now, first_day = timezone.now(), day_of(remote.period_start)
    if first_day > day_of(now):
        raise CardEventEarly.of(first_day)
    with transaction.atomic():
        subscription_advance(subscription=subscription_locked(account.subscription_id), now=now)
    return (
        Invoice.objects.filter(subscription=account.subscription_id, period_start=first_day, kind=InvoiceKind.INVOICE)
        .exclude(state=InvoiceState.CANCELLED)
        .first()
    )


def _account(customer_ref: str) -> CardAccount | None:
    return CardAccount.objects.select_related("subscription").filter(customer_ref=customer_ref).first()


def _invoice_named(text: str, account: CardAccount) -> Invoice | None:
    """The invoice that a payment page was opened for, if it is one of this customer's."""
    try:
        return Invoice.objects.filter(pk=uuid.UUID(text), subscription=account.subscription_id).first()
    except ValueError:
        return None


def _note(event: RemoteEvent) -> None:
    row = PaymentEvent(pk=event.id, kind=event.kind, object_ref=event.object_ref, happened_at=event.happened_at)
    PaymentEvent.objects.bulk_create([row], ignore_conflicts=True)


def _give_to_worker(event_id: str) -> None:
    from billing.tasks import card_event_apply as task

    transaction.on_commit(lambda: task.delay(event_id), robust=True)
