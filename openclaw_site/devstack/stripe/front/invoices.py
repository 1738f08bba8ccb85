"""Invoices from draft to paid, and what each step tells the world."""

from .books import Books, Json
from .objects import invoice as draft

RETRY_SECONDS = 3 * 86_400


def issue(
    books: Books, subscription: Json, lines: list[Json], *, reason: str, customer: Json, succeeds: bool = True
) -> Json:
    """An invoice over these lines, finalized and charged; it is the subscription's latest."""
    with books.lock:
        invoice = draft(subscription=subscription, customer=customer, lines=lines, reason=reason, now=books.now())
        books.invoices[invoice["id"]] = invoice
        subscription["latest_invoice"] = invoice["id"]
        books.emit("invoice.created", invoice)
        invoice.update(
            status="open",
            number=f"{invoice['customer'][-8:].upper()}-{len(books.invoices):04}",
            hosted_invoice_url=f"{books.url}/i/{invoice['id']}",
            effective_at=books.now(),
        )
        invoice["status_transitions"]["finalized_at"] = books.now()
        books.emit("invoice.finalized", invoice)
        charge(books, subscription, invoice, succeeds=succeeds)
        return invoice


def charge(books: Books, subscription: Json, invoice: Json, *, succeeds: bool) -> None:
    """One attempt to collect an open invoice; a subscription that owes is past due, one that paid is active again."""
    with books.lock:
        if invoice["amount_due"]:
            invoice["attempt_count"] += 1
        invoice["attempted"] = True
        if succeeds or not invoice["amount_due"]:
            _paid(books, invoice)
        else:
            invoice["next_payment_attempt"] = books.now() + RETRY_SECONDS
            books.emit("invoice.payment_failed", invoice)
        _follow(books, subscription, owes=invoice["status"] == "open")


def _paid(books: Books, invoice: Json) -> None:
    invoice.update(
        status="paid",
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        auto_advance=False,
        next_payment_attempt=None,
        ending_balance=0,
    )
    invoice["status_transitions"]["paid_at"] = books.now()
    books.emit("invoice.paid", invoice)
    books.emit("invoice.payment_succeeded", invoice)


def _follow(books: Books, subscription: Json, *, owes: bool) -> None:
    status = subscription["status"]
    if owes and status == "active":
        subscription["status"] = "past_due"
    elif not owes and status == "past_due":
        subscription["status"] = "active"
    else:
        return
    books.emit("customer.subscription.updated", subscription, before={"status": status})
