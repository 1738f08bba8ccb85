"""Checkout: sessions, the page that they lead to, and what comes of a session that was completed."""

from typing import Any
from urllib.parse import parse_qs, quote

from ...emulate import Answer
from . import catalog, refusals, subscriptions
from .books import Json
from .pages import listing
from .shop import Shop

DAY = 86_400
_OF_EMULATE = ("mode", "customer", "success_url", "cancel_url", "metadata", "line_items")
_NOT_SHOWN = {"line_items", "subscription_data", "expand", "payment_intent_data", "expires_at"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def create(shop: Shop, given: Json) -> Json:
    """POST of a session. Refused as Stripe does, also where emulate would take it."""
    mode = given.get("mode")
    for name in ("mode", "success_url", "line_items"):
        if not given.get(name):
            raise refusals.required(name)
    wanted = [_wanted(shop, one, number) for number, one in enumerate(given["line_items"])]
    data: Json = given.get("subscription_data") or {}
    if mode == "subscription":
        _check(data, wanted, now=shop.books.now())
    elif any(one["price"]["recurring"] for one in wanted):
        raise refusals.bad(f"You specified `{mode}` mode but passed a recurring price.", param="mode")
    made = shop.ask("POST", "/v1/checkout/sessions", {name: given[name] for name in _OF_EMULATE if name in given})
    due = 0 if _nothing_due(data) else sum(one["price"]["unit_amount"] * one["quantity"] for one in wanted)
    shop.books.remember(
        made["id"],
        **{name: value for name, value in given.items() if name not in (*_OF_EMULATE, *_NOT_SHOWN)},
        amount_subtotal=due,
        amount_total=due,
        currency=wanted[0]["price"]["currency"],
        expires_at=given.get("expires_at", shop.books.now() + DAY),
    )
    shop.books.checkouts[made["id"]] = {"subscribes": mode == "subscription", "data": data, "wanted": wanted}
    return completed(shop, made)


def retrieve(shop: Shop, id: str) -> Json:
    return completed(shop, shop.find("checkout/sessions", id))


def expire(shop: Shop, id: str) -> Json:
    return completed(shop, shop.ask("POST", f"/v1/checkout/sessions/{quote(id, safe='')}/expire"))


def list_of(shop: Shop, query: Json) -> Json:
    """GET of the sessions, by customer, subscription or status."""
    asked = [(name, query[name]) for name in ("customer", "subscription", "status") if name in query]
    return listing(
        [completed(shop, session) for session in shop.all("checkout/sessions")],
        query,
        noun="checkout session",
        url="/v1/checkout/sessions",
        keep=lambda session: all(session[name] == wanted for name, wanted in asked),
    )


def page(shop: Shop, path: str) -> Answer:
    """emulate's page for a session."""
    return shop.backend.forward("GET", path, {}, b"")


def press(shop: Shop, id: str, body: bytes) -> Answer:
    """The page's button: emulate completes the session, tells us (see `took`), and leads to its success_url."""
    plan = shop.books.checkouts.get(id)
    if plan is not None and plan["subscribes"] and not retrieve(shop, id)["customer"]:
        email = parse_qs(body.decode()).get("email", [""])[0] or shop.books.extras[id].get("customer_email")
        customer = catalog.create(shop, "customers", {"email": email or "someone@buyer.example"})
        shop.books.remember(id, customer=customer["id"])
    return shop.backend.forward("POST", f"/checkout/{quote(id, safe='')}/complete", _FORM, b"")


def took(shop: Shop, type: str, thing: Json) -> None:
    """An event of emulate's: made whole, and told once what follows from it has happened.

    Stripe tells of a session and of its subscription in no sure order; here the session comes last.
    """
    if type == "checkout.session.completed":
        _settle(shop, thing)
    if type.startswith("checkout.session."):
        thing = completed(shop, thing)
    shop.books.emit(type, thing)


def _settle(shop: Shop, session: Json) -> None:
    """The subscription that the session was for begins, and the session knows it."""
    books, plan, id = shop.books, shop.books.checkouts[session["id"]], session["id"]
    customer_id = completed(shop, session)["customer"]
    customer = catalog.retrieve(shop, "customers", customer_id) if customer_id else {}
    books.remember(id, customer_details={name: customer.get(name) for name in ("email", "name", "phone", "address")})
    if plan["subscribes"]:
        subscription = subscriptions.begin(books, customer=customer, wanted=plan["wanted"], data=plan["data"])
        books.remember(
            id,
            subscription=subscription["id"],
            invoice=subscription["latest_invoice"],
            payment_status="paid" if books.extras[id]["amount_total"] else "no_payment_required",
        )


def completed(shop: Shop, session: Json) -> Json:
    """emulate's session with what the front knows of it beside."""
    empty: Json = {
        "allow_promotion_codes": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "client_reference_id": None,
        "customer_details": None,
        "customer_email": None,
        "invoice": None,
        "locale": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_types": ["card"],
        "setup_intent": None,
        "subscription": None,
        "ui_mode": "hosted_page",
    }
    return {**empty, **session, **shop.books.extras.get(session["id"], {})}


def _wanted(shop: Shop, one: Json, number: int) -> Json:
    """The price and quantity of a line item."""
    if not one.get("price"):
        raise refusals.required(f"line_items[{number}][price]")
    price = catalog.retrieve(shop, "prices", one["price"], param=f"line_items[{number}][price]")
    if not price["active"]:
        raise refusals.bad("The price specified is inactive. This field only accepts active prices.")
    if "quantity" not in one:
        raise refusals.required(f"line_items[{number}][quantity]")
    return {"price": price, "quantity": one["quantity"]}


def _check(data: Json, wanted: list[Json], *, now: int) -> None:
    """What Stripe asks of subscription_data. Source: the parameters of "Create a Checkout Session", API reference."""
    if any(one["price"]["recurring"] is None for one in wanted):
        raise refusals.bad("You must provide at least one recurring price in `subscription` mode when using prices.")
    trial, anchor = data.get("trial_end"), data.get("billing_cycle_anchor")
    if trial is not None and trial < now + 2 * DAY:
        raise refusals.bad("The `trial_end` date has to be at least 2 days in the future.", param=_param("trial_end"))
    if anchor is None and "proration_behavior" in data:
        raise refusals.bad("You can only use `proration_behavior` with `billing_cycle_anchor`.")
    if anchor is None:
        return
    if trial is not None or "trial_period_days" in data:
        raise refusals.bad("You may not combine `billing_cycle_anchor` with a trial.")
    price = wanted[0]["price"]
    if not now < anchor <= subscriptions.following(price, anchor=now, after=now):
        raise refusals.bad(
            "billing_cycle_anchor must be in the future and before the next natural billing date.",
            param=_param("billing_cycle_anchor"),
        )


def _param(name: str) -> str:
    return f"subscription_data[{name}]"


def _nothing_due(data: Json) -> bool:
    trial: Any = data.get("trial_end") or data.get("trial_period_days")
    return bool(trial) or data.get("proration_behavior") == "none"
