"""The pages of Stripe's own that a customer is sent to beside checkout: the portal and an invoice's page."""

from html import escape

from ...emulate import Answer
from . import catalog, refusals
from .books import Json, new_id
from .changes import period_end, schedule_end
from .invoices import charge
from .shop import Shop

PORTAL = "/p/session/"
INVOICE = "/i/"


def create(shop: Shop, given: Json) -> Json:
    """POST of a portal session."""
    for name in given.keys() - {"customer", "return_url", "configuration", "locale", "expand"}:
        raise refusals.unknown_parameter(name)
    if not given.get("customer"):
        raise refusals.required("customer")
    catalog.retrieve(shop, "customers", given["customer"], param="customer")
    id = new_id("bps")
    session = {
        "id": id,
        "object": "billing_portal.session",
        "configuration": "bpc_default",
        "created": shop.books.now(),
        "customer": given["customer"],
        "flow": None,
        "livemode": False,
        "locale": given.get("locale"),
        "on_behalf_of": None,
        "return_url": given.get("return_url"),
        "url": f"{shop.books.url}{PORTAL}{id}",
    }
    shop.books.portal_sessions[id] = session
    return session


def show(shop: Shop, id: str) -> Answer:
    """The portal: the customer's subscriptions, each with the one button that fits, and the way back."""
    session = shop.books.portal_sessions.get(id)
    if session is None:
        return _page("This page has expired", "<p>Ask for a new link.</p>", status=404)
    customer = catalog.retrieve(shop, "customers", session["customer"])
    blocks = [_block(id, held) for held in shop.books.subscriptions.values() if held["customer"] == customer["id"]]
    if session["return_url"]:
        blocks.append(f'<p><a id="return" href="{escape(session["return_url"])}">Return</a></p>')
    return _page(f"Billing of {customer.get('email') or customer['id']}", "".join(blocks))


def press(shop: Shop, id: str, subscription_id: str, action: str) -> Answer:
    """A button of the portal: the subscription is to end with its period, or to go on.

    A portal sets cancel_at and leaves cancel_at_period_end alone, as Stripe's does in the flexible billing mode.
    Source: "Compare billing modes", Stripe docs.
    """
    books = shop.books
    session = books.portal_sessions.get(id)
    held = books.subscriptions.get(subscription_id)
    if session is None or held is None or held["customer"] != session["customer"] or held["status"] == "canceled":
        return _page("This is no longer possible", "", status=404)
    with books.lock:
        before = {**held, "cancellation_details": dict(held["cancellation_details"])}
        schedule_end(books, held, at=period_end(held) if action == "cancel" else None)
        books.emit("customer.subscription.updated", held, before=before)
    return Answer.redirect(f"{PORTAL}{id}")


def show_invoice(shop: Shop, id: str) -> Answer:
    """The page behind hosted_invoice_url, with a button while it is unpaid."""
    invoice = shop.books.invoices.get(id)
    if invoice is None:
        return _page("No such invoice", "", status=404)
    text = f"<p>{_money(invoice)} · {invoice['status']}</p>"
    if invoice["status"] == "open":
        text += f'<form method="post" action="{INVOICE}{id}"><button id="pay">Pay</button></form>'
    return _page(f"Invoice {invoice['number']}", text)


def pay_invoice(shop: Shop, id: str) -> Answer:
    """That button: it is paid."""
    books = shop.books
    with books.lock:
        invoice = books.invoices.get(id)
        if invoice and invoice["status"] == "open":
            subscription = books.subscriptions[invoice["parent"]["subscription_details"]["subscription"]]
            charge(books, subscription, invoice, succeeds=True)
    return Answer.redirect(f"{INVOICE}{id}")


def _block(id: str, held: Json) -> str:
    ends = held["cancel_at_period_end"] or held["cancel_at"]
    button = ""
    if held["status"] != "canceled":
        action, label = ("keep", "Keep subscription") if ends else ("cancel", "Cancel at the period's end")
        button = (
            f'<form method="post" action="{PORTAL}{id}/{held["id"]}/{action}">'
            f'<button id="{action}">{label}</button></form>'
        )
    state = "ends with its period" if ends and held["status"] != "canceled" else held["status"]
    return f"<section><h2>{held['id']}</h2><p>{state}</p>{button}</section>"


def _money(invoice: Json) -> str:
    return f"{invoice['amount_due'] / 100:.2f} {invoice['currency'].upper()}"


def _page(title: str, body: str, *, status: int = 200) -> Answer:
    return Answer.page(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1>{body}<p>Stripe of the embedded world</p></body></html>",
        status,
    )
