"""Changes of a subscription that runs: its price, its end, its metadata."""

import copy

from . import refusals
from .books import Books, Json
from .invoices import issue
from .objects import item, line, reprice
from .subscriptions import following, whole_period

BEHAVIOURS = ("create_prorations", "always_invoice", "none")
KNOWN = {
    *("items", "proration_behavior", "cancel_at_period_end", "cancel_at", "metadata", "description"),
    *("default_payment_method", "payment_behavior", "expand", "cancellation_details"),
}
_KNOWN_OF_ITEM = {"id", "price", "quantity"}


def change(books: Books, subscription: Json, *, given: Json, prices: dict[str, Json], customer: Json) -> None:
    """What POST /v1/subscriptions/:id does. `prices` holds those that `given` names. Refused: it can't be."""
    check(given)
    with books.lock:
        if subscription["status"] == "canceled":
            raise refusals.bad("A canceled subscription can only update its cancellation_details and metadata.")
        before = copy.deepcopy(subscription)
        _say(subscription, given)
        if "cancel_at_period_end" in given:
            schedule_end(books, subscription, at_period_end=given["cancel_at_period_end"], at=None)
        elif "cancel_at" in given:
            schedule_end(books, subscription, at_period_end=False, at=given["cancel_at"] or None)
        lines, due_now = _items(books, subscription, given, prices)
        if subscription != before:
            books.emit("customer.subscription.updated", subscription, before=before)
        if lines and due_now:
            lines = books.waiting_lines.pop(subscription["id"], []) + lines
            issue(books, subscription, lines, reason="subscription_update", customer=customer)
        elif lines:
            books.waiting_lines.setdefault(subscription["id"], []).extend(lines)


def schedule_end(books: Books, subscription: Json, *, at_period_end: bool, at: int | None) -> None:
    """It is to end at its period's end, at a moment, or (with neither) to go on. Tells nobody."""
    ends = at_period_end or at is not None
    subscription.update(cancel_at_period_end=at_period_end, cancel_at=at, canceled_at=books.now() if ends else None)
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if ends else None


def check(given: Json) -> None:
    """Refused when `given` has what this front does not know, or a behaviour that Stripe does not."""
    for name in given.keys() - KNOWN:
        raise refusals.unknown_parameter(name)
    for number, one in enumerate(given.get("items") or []):
        for name in one.keys() - _KNOWN_OF_ITEM:
            raise refusals.unknown_parameter(f"items[{number}][{name}]")
    if given.get("proration_behavior", "none") not in BEHAVIOURS:
        raise refusals.bad(f"Invalid proration_behavior: must be one of {', '.join(BEHAVIOURS)}")


def _say(subscription: Json, given: Json) -> None:
    for name, value in (given.get("metadata") or {}).items():
        if value == "":
            subscription["metadata"].pop(name, None)
        else:
            subscription["metadata"][name] = value
    if "description" in given:
        subscription["description"] = given["description"] or None


def _items(books: Books, subscription: Json, given: Json, prices: dict[str, Json]) -> tuple[list[Json], bool]:
    """Change the items; the lines to be billed for it, and whether now."""
    behaviour = given.get("proration_behavior", "create_prorations")
    lines: list[Json] = []
    restarts = False
    for number, one in enumerate(given.get("items") or []):
        held = _held(subscription, one, number)
        if held is None:
            _add(books, subscription, one, prices)
            continue
        price = prices[one["price"]] if "price" in one else held["price"]
        quantity = one.get("quantity", held["quantity"])
        same_rhythm = price["recurring"] == held["price"]["recurring"]
        bills = behaviour != "none" and subscription["status"] != "trialing"
        if bills:
            lines.append(_rest(books, held, sign=-1, label="Unused time"))
        reprice(held, price=price, quantity=quantity)
        if not same_rhythm and subscription["status"] != "trialing":
            _restart(books, subscription, held)
            lines.append(whole_period(held))
            restarts = True
        elif bills:
            lines.append(_rest(books, held, sign=1, label="Remaining time"))
    return lines, restarts or behaviour == "always_invoice"


def _held(subscription: Json, one: Json, number: int) -> Json | None:
    """The item that is meant; None for a new one."""
    if "id" not in one:
        return None
    items: list[Json] = subscription["items"]["data"]
    for held in items:
        if held["id"] == one["id"]:
            return held
    raise refusals.no_such("subscription item", one["id"], param=f"items[{number}][id]")


def _add(books: Books, subscription: Json, one: Json, prices: dict[str, Json]) -> None:
    """As Stripe does with an item that names no id: it comes beside those that are there."""
    if "price" not in one:
        raise refusals.required("items[0][price]")
    first = subscription["items"]["data"][0]
    added = item(
        subscription=subscription["id"],
        price=prices[one["price"]],
        quantity=one.get("quantity", 1),
        start=books.now(),
        end=first["current_period_end"],
        now=books.now(),
    )
    subscription["items"]["data"].append(added)


def _restart(books: Books, subscription: Json, held: Json) -> None:
    """Another interval begins a period now."""
    now = books.now()
    subscription["billing_cycle_anchor"] = now
    held.update(current_period_start=now, current_period_end=following(held["price"], anchor=now, after=now))


def _rest(books: Books, held: Json, *, sign: int, label: str) -> Json:
    """The line for what is left of an item's period."""
    start, end = held["current_period_start"], held["current_period_end"]
    now = min(max(books.now(), start), end)
    amount = sign * round(held["price"]["unit_amount"] * held["quantity"] * (end - now) / (end - start))
    return line(held=held, amount=amount, description=label, start=now, end=end, proration=True)
