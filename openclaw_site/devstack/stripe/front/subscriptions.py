"""The life of a subscription: begun by a checkout, renewed, ended. Changes of its price stand in changes.py."""

import copy

from . import periods
from .books import Books, Json
from .invoices import issue
from .objects import item, line
from .objects import subscription as make

DAY = 86_400


def begin(books: Books, *, customer: Json, wanted: list[Json], data: Json) -> Json:
    """A subscription to `wanted` (price and quantity each), as a checkout's subscription_data says.

    A trial makes an invoice over nothing, which is paid; an anchor in the future makes one for the time until then,
    or none with proration_behavior=none.
    """
    with books.lock:
        now = books.now()
        subscription = make(
            customer=customer["id"],
            currency=wanted[0]["price"]["currency"],
            now=now,
            metadata=data.get("metadata") or {},
            description=data.get("description"),
        )
        trial_end = trial_end_of(data, now=now)
        anchor = trial_end or data.get("billing_cycle_anchor") or now
        subscription["billing_cycle_anchor"] = anchor
        if trial_end:
            subscription.update(status="trialing", trial_start=now, trial_end=trial_end)
        end = trial_end or following(wanted[0]["price"], anchor=anchor, after=now)
        subscription["items"]["data"] = [
            item(subscription=subscription["id"], **one, start=now, end=end, now=now) for one in wanted
        ]
        books.subscriptions[subscription["id"]] = subscription
        free = anchor > now and not trial_end and data.get("proration_behavior") == "none"
        books.emit("customer.subscription.created", subscription)
        if not free:
            lines = [_first_line(held, subscription) for held in subscription["items"]["data"]]
            issue(books, subscription, lines, reason="subscription_create", customer=customer)
        return subscription


def renew(books: Books, subscription: Json, *, customer: Json, succeeds: bool) -> Json | None:
    """The period is over: the next one begins, with its invoice. One that was to end then is over too: None."""
    with books.lock:
        if _ends_with_its_period(subscription):
            end(books, subscription, reason=None)
            return None
        before = copy.deepcopy(subscription)
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        lines = []
        for held in subscription["items"]["data"]:
            start = held["current_period_end"]
            anchor = subscription["billing_cycle_anchor"]
            held.update(
                current_period_start=start,
                current_period_end=following(held["price"], anchor=anchor, after=start),
            )
            lines.append(whole_period(held))
        books.emit("customer.subscription.updated", subscription, before=before)
        lines = books.waiting_lines.pop(subscription["id"], []) + lines
        return issue(books, subscription, lines, reason="subscription_cycle", customer=customer, succeeds=succeeds)


def end(books: Books, subscription: Json, *, reason: str | None) -> None:
    """It is canceled, now. `reason` is why, where nothing was said before."""
    with books.lock:
        subscription.update(
            status="canceled", ended_at=books.now(), canceled_at=subscription["canceled_at"] or books.now()
        )
        if reason:
            subscription["cancellation_details"]["reason"] = reason
        books.waiting_lines.pop(subscription["id"], None)
        books.emit("customer.subscription.deleted", subscription)


def trial_end_of(data: Json, *, now: int) -> int | None:
    """When the trial ends that subscription_data asks for, if any."""
    if days := data.get("trial_period_days"):
        return now + int(days) * DAY
    return data.get("trial_end")


def following(price: Json, *, anchor: int, after: int) -> int:
    """The end of this price's period in which the moment lies."""
    recurring = price["recurring"]
    return periods.following(anchor, after, interval=recurring["interval"], count=recurring["interval_count"])


def whole_period(held: Json) -> Json:
    """The line for an item's running period."""
    price, quantity = held["price"], held["quantity"]
    return line(
        held=held,
        amount=price["unit_amount"] * quantity,
        description=f"{quantity} x {price['nickname'] or price['id']} (per {price['recurring']['interval']})",
        start=held["current_period_start"],
        end=held["current_period_end"],
    )


def _ends_with_its_period(subscription: Json) -> bool:
    last = max(held["current_period_end"] for held in subscription["items"]["data"])
    at = subscription["cancel_at"]
    return bool(subscription["cancel_at_period_end"] or (at and at <= last))


def _first_line(held: Json, subscription: Json) -> Json:
    """Nothing for a trial, a part where the first period is short."""
    start, until = held["current_period_start"], held["current_period_end"]
    if subscription["trial_end"]:
        return line(held=held, amount=0, description="Trial period", start=start, end=until)
    if subscription["billing_cycle_anchor"] <= start:
        return whole_period(held)
    recurring = held["price"]["recurring"]
    begun = periods.step(until, -1, interval=recurring["interval"], count=recurring["interval_count"])
    amount = round(held["price"]["unit_amount"] * held["quantity"] * (until - start) / (until - begun))
    return line(held=held, amount=amount, description="Remaining time", start=start, end=until, proration=True)
