"""Subscriptions, their items, invoices and their lines as the API of this version writes them.

Only what a back office reads has a meaning; the rest stands there empty, as in a plain account.
"""

from typing import Any

from .books import new_id

Json = dict[str, Any]


def inner_list(things: list[Json], *, url: str) -> Json:
    """A list inside an object, whole."""
    return {"object": "list", "data": things, "has_more": False, "url": url}


def subscription(*, customer: str, currency: str, now: int, metadata: Json, description: str | None) -> Json:
    """An active one without items, which starts now."""
    id = new_id("sub")
    return {
        "id": id,
        "object": "subscription",
        "application": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_mode": {"type": "flexible"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "customer": customer,
        "days_until_due": None,
        "default_payment_method": None,
        "description": description,
        "discounts": [],
        "ended_at": None,
        "items": inner_list([], url=f"/v1/subscription_items?subscription={id}"),
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata,
        "pause_collection": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": now,
        "status": "active",
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
    }


def item(*, subscription: str, price: Json, quantity: int, start: int, end: int, now: int) -> Json:
    """One price of a subscription, with the period that runs."""
    return {
        "id": new_id("si"),
        "object": "subscription_item",
        "created": now,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "plan": _plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def reprice(held: Json, *, price: Json, quantity: int) -> None:
    """The item is for this price from now on."""
    held.update(price=price, plan=_plan(price), quantity=quantity)


def line(*, held: Json, amount: int, description: str, start: int, end: int, proration: bool = False) -> Json:
    """One line of an invoice, for an item of a subscription and a span of time."""
    price = held["price"]
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": held["subscription"],
                "subscription_item": held["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": end, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": held["quantity"],
        "subscription": held["subscription"],
        "subtotal": amount,
        "taxes": [],
    }


def invoice(*, subscription: Json, customer: Json, lines: list[Json], reason: str, now: int) -> Json:
    """A draft over these lines. A total below zero is nothing due; the rest is forgotten (no customer balance)."""
    id = new_id("in")
    total = sum(held["amount"] for held in lines)
    for held in lines:
        held["invoice"] = id
    return {
        "id": id,
        "object": "invoice",
        "amount_due": max(total, 0),
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": max(total, 0),
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": subscription["currency"],
        "customer": subscription["customer"],
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "default_payment_method": None,
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "lines": inner_list(lines, url=f"/v1/invoices/{id}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "parent": _parent(subscription),
        "period_end": now,
        "period_start": now,
        "starting_balance": 0,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": total,
        "total": total,
        "total_taxes": [],
    }


def _parent(subscription: Json) -> Json:
    """Where an invoice comes from."""
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def _plan(price: Json) -> Json:
    """The price in its older form, which items still have."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "product": price["product"],
    }
