"""API calls on what the front keeps itself: subscriptions, invoices, events, and a customer's end."""

from urllib.parse import quote

from . import catalog, changes, refusals, subscriptions
from .books import Json
from .pages import listing
from .shop import Shop

EVENT_SECONDS = 30 * 86_400  # so long events can be listed


def subscription_update(shop: Shop, given: Json, id: str) -> Json:
    """POST of changes, see changes.py."""
    held = shop.own("subscription", id)
    changes.check(given)
    named = [one["price"] for one in given.get("items") or [] if "price" in one]
    prices = {price: catalog.retrieve(shop, "prices", price, param="items[0][price]") for price in named}
    for price in prices.values():
        if not price["recurring"] or not price["active"]:
            raise refusals.bad("The price specified is not an active recurring one.", param="items[0][price]")
    customer = catalog.retrieve(shop, "customers", held["customer"])
    changes.change(shop.books, held, given=given, prices=prices, customer=customer)
    return held


def subscription_cancel(shop: Shop, given: Json, id: str) -> Json:
    """DELETE: it ends now. One that has ended is not found."""
    held = shop.own("subscription", id)
    with shop.books.lock:
        if held["status"] == "canceled":
            raise refusals.no_such("subscription", id)
        subscriptions.end(shop.books, held, reason="cancellation_requested")
    return held


def subscription_list(shop: Shop, given: Json) -> Json:
    """By customer and status; without a status, all but the canceled ones."""
    status = given.get("status")

    def keep(held: Json) -> bool:
        wanted = held["status"] != "canceled" if status is None else status in ("all", held["status"])
        return wanted and _has(given, customer=held["customer"])

    return listing(
        _newest_first(shop.books.subscriptions), given, noun="subscription", url="/v1/subscriptions", keep=keep
    )


def invoice_list(shop: Shop, given: Json) -> Json:
    """By subscription, customer and status."""

    def keep(invoice: Json) -> bool:
        subscription = invoice["parent"]["subscription_details"]["subscription"]
        return _has(given, subscription=subscription, customer=invoice["customer"], status=invoice["status"])

    return listing(_newest_first(shop.books.invoices), given, noun="invoice", url="/v1/invoices", keep=keep)


def event_list(shop: Shop, given: Json) -> Json:
    """Of the last 30 days, by type or types."""
    types = given.get("types") or ([given["type"]] if "type" in given else None)
    oldest = shop.books.now() - EVENT_SECONDS

    def keep(event: Json) -> bool:
        return event["created"] >= oldest and (types is None or event["type"] in types)

    return listing(_newest_first(shop.books.events), given, noun="event", url="/v1/events", keep=keep)


def customer_delete(shop: Shop, given: Json, id: str) -> Json:
    """DELETE: its subscriptions end with it."""
    customer = catalog.completed(shop, "customers", shop.find("customers", id))
    gone = shop.ask("DELETE", f"/v1/customers/{quote(id, safe='')}")
    with shop.books.lock:
        for held in shop.books.subscriptions.values():
            if held["customer"] == id and held["status"] != "canceled":
                subscriptions.end(shop.books, held, reason="cancellation_requested")
        shop.books.remember(id, deleted=True)
        shop.books.emit("customer.deleted", customer)
    return gone


def _has(given: Json, **values: str) -> bool:
    return all(given.get(name, value) == value for name, value in values.items())


def _newest_first(shelf: dict[str, Json]) -> list[Json]:
    return list(reversed(list(shelf.values())))
