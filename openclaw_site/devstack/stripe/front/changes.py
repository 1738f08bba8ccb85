"""Changes of a subscription that runs: its price, its end, its metadata."""

import copy

from . import refusals
from .books import Books, Json
from .invoices import issue
from .objects import item, line, reprice
from .subscriptions import following, whole_period

BEHAVIOURS = ("create_prorations", "always_invoice", "none")
_KNOWN = {
    *("items", "proration_behavior", "cancel_at_period_end", "cancel_at", "metadata", "description"),
    *("default_payment_method", "payment_behavior", "expand"),
}
_KNOWN_OF_ITEM = {"id", "price", "quantity"}
_PERIOD_ENDS = {"min_period_end": min, "max_period_end": max}


def change(books: Books, subscription: Json, *, given: Json, prices: dict[str, Json], customer: Json) -> None:
    """What POST /v1/subscriptions/:id does. `prices` holds those that `given` names. Refused: it can't be."""
    with books.lock:
        if subscription["status"] == "canceled":
            raise refusals.bad("A canceled subscription can only update its cancellation_details and metadata.")
        before = copy.deepcopy(subscription)
        lines, due_now = _change_items(books, subscription, given, prices)
        _say(subscription, given)
        if given.get("cancel_at_period_end") is not None:
            schedule_end(books, subscription, at_period_end=given["cancel_at_period_end"])
        elif "cancel_at" in given:
            schedule_end(books, subscription, at=_moment(subscription, given["cancel_at"]))
        if subscription != before:
            books.emit("customer.subscription.updated", subscription, before=before)
        lines = books.waiting_lines.pop(subscription["id"], []) + lines
        if lines and due_now:
            issue(books, subscription, lines, reason="subscription_update", customer=customer)
        elif lines:
            books.waiting_lines[subscription["id"]] = lines


def schedule_end(books: Books, subscription: Json, *, at_period_end: bool = False, at: int | None = None) -> None:
    """It is to end at its period's end, at a moment, or (with neither) to go on. Tells nobody."""
    ends = at_period_end or at is not None
    subscription.update(cancel_at_period_end=at_period_end, cancel_at=at, canceled_at=books.now() if ends else None)
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if ends else None


def period_end(subscription: Json) -> int:
    """When the last of its items' periods ends."""
    return max(int(held["current_period_end"]) for held in subscription["items"]["data"])


def check(given: Json) -> None:
    """Refused when `given` has what this front does not know, or a behaviour that Stripe does not."""
    for name in given.keys() - _KNOWN:
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


def _moment(subscription: Json, asked: str) -> int | None:
    """What cancel_at says: a moment, a word for one, or nothing."""
    if choose := _PERIOD_ENDS.get(asked):
        return choose(int(held["current_period_end"]) for held in subscription["items"]["data"])
    if asked and not asked.isdigit():
        raise refusals.bad(f"Invalid integer: {asked}", param="cancel_at", code="parameter_invalid_integer")
    return int(asked) if asked else None


def _change_items(books: Books, subscription: Json, given: Json, prices: dict[str, Json]) -> tuple[list[Json], bool]:
    """Change the items; the lines to be billed for it, and whether now."""
    behaviour = given.get("proration_behavior", "create_prorations")
    running = subscription["status"] != "trialing"
    lines: list[Json] = []
    restarts = False
    chosen = [_chosen(subscription, one, number) for number, one in enumerate(given.get("items") or [])]
    for held, one in zip(chosen, given.get("items") or [], strict=True):
        bills = running and behaviour != "none"
        if held is None:
            held = _add(books, subscription, price=prices[one["price"]], quantity=one.get("quantity", 1))
        else:
            if bills:
                lines.append(_rest(books, held, sign=-1, label="Unused time"))
            price = prices[one["price"]] if "price" in one else held["price"]
            another_rhythm = price["recurring"] != held["price"]["recurring"]
            reprice(held, price=price, quantity=one.get("quantity", held["quantity"]))
            if running and another_rhythm:
                _restart(books, subscription, held)
                lines.append(whole_period(held))
                restarts = True
                continue
        if bills:
            lines.append(_rest(books, held, sign=1, label="Remaining time"))
    return lines, restarts or behaviour == "always_invoice"


def _chosen(subscription: Json, one: Json, number: int) -> Json | None:
    """The item that is meant; None for a new one."""
    if "id" not in one:
        if "price" not in one:
            raise refusals.required(f"items[{number}][price]")
        return None
    items: list[Json] = subscription["items"]["data"]
    for held in items:
        if held["id"] == one["id"]:
            return held
    raise refusals.no_such("subscription item", one["id"], param=f"items[{number}][id]")


def _add(books: Books, subscription: Json, *, price: Json, quantity: int) -> Json:
    """As Stripe does where no item's id is named: one more, beside those that are there."""
    now = books.now()
    end = period_end(subscription)
    added = item(subscription=subscription["id"], price=price, quantity=quantity, start=now, end=end, now=now)
    subscription["items"]["data"].append(added)
    return added


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
