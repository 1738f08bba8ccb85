"""The calls of Stripe, by its own library. No other module imports that; its errors are told in billing's words.

Each call takes ten seconds at most and is tried three times. A write has an idempotency key of the caller's, so that it
happens once however often it is asked for (Stripe keeps keys for a day at least).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import stripe
from django.conf import settings
from django.utils import timezone

from billing.errors import PaymentsAway, PaymentsForged, PaymentsRefused, PaymentsUnknown
from billing.payments.stripe.remote import RemoteCheckout, RemoteEvent, RemoteInvoice, RemoteSubscription

TIMEOUT_SECONDS: Final = 10
# A payment page that is left open holds so long: what it says of the first charge must still be true. Stripe's least is
# half an hour.
PAGE_HOLDS: Final = timedelta(minutes=31)
_RETRIES: Final = 2
# How an end is taken back, by whether it is that of the period.
_KEPT: Final[dict[bool, dict[str, Any]]] = {True: {"cancel_at_period_end": False}, False: {"cancel_at": ""}}
# What Stripe may send and is passed over: of these we need none.
KINDS: Final = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
)


def product_and_price(*, name: str, amount_minor: int, currency: str, monthly: bool, key: str) -> str:
    """A price of so much, tax included, for a thing of this name; its id. The same `key` makes the same one."""
    with _words():
        product = _client().v1.products.create(
            {"name": name, "metadata": {"of": key}}, {"idempotency_key": f"{key}-product"}
        )
        wanted: Any = {"product": product.id, "currency": currency.lower(), "unit_amount": amount_minor}
        if monthly:
            wanted["recurring"] = {"interval": "month"}
        return _client().v1.prices.create(wanted, {"idempotency_key": f"{key}-price"}).id


def customer_make(*, name: str, email: str, subscription: str) -> str:
    """A customer at Stripe; its id. One for each subscription of ours."""
    with _words():
        wanted: Any = {"name": name, "email": email, "metadata": {"subscription": subscription}}
        return _client().v1.customers.create(wanted, {"idempotency_key": f"customer-{subscription}"}).id


def checkout_subscribe(
    *, customer_ref: str, price_ref: str, first_charge_at: datetime | None, is_trial: bool, return_url: str, key: str
) -> RemoteCheckout:
    """A payment page that begins a subscription there, which first takes money at that moment, or now.

    `is_trial`: the page calls the time until then a trial; else it was paid for in another way.
    """
    data: dict[str, Any] = {}
    if first_charge_at is not None:
        moment = int(first_charge_at.timestamp())
        data = {"trial_end": moment} if is_trial else {"billing_cycle_anchor": moment, "proration_behavior": "none"}
    return _checkout({"mode": "subscription", "subscription_data": data}, customer_ref, price_ref, return_url, key)


def checkout_pay(*, customer_ref: str, price_ref: str, invoice: str, return_url: str, key: str) -> RemoteCheckout:
    """A payment page for one invoice of ours."""
    wanted = {"mode": "payment", "metadata": {"invoice": invoice}}
    return _checkout(wanted, customer_ref, price_ref, return_url, key)


def portal_url(*, customer_ref: str, return_url: str) -> str:
    """The address of Stripe's pages where this customer changes its card. It holds for some minutes."""
    with _words():
        return _client().v1.billing_portal.sessions.create({"customer": customer_ref, "return_url": return_url}).url


def checkout(ref: str) -> RemoteCheckout:
    """One visit of the payment page, as it stands."""
    with _words():
        return RemoteCheckout.of(_client().v1.checkout.sessions.retrieve(ref).to_dict())


def invoice(ref: str) -> RemoteInvoice:
    """One invoice of Stripe's, as it stands."""
    with _words():
        return RemoteInvoice.of(_client().v1.invoices.retrieve(ref).to_dict())


def subscription(ref: str) -> RemoteSubscription:
    """One subscription at Stripe, as it stands."""
    with _words():
        return RemoteSubscription.of(_client().v1.subscriptions.retrieve(ref).to_dict())


def subscription_set(*, found: RemoteSubscription, price_ref: str, cancels: bool) -> RemoteSubscription:
    """It goes on at this price from the next period on, and ends with the one that runs or does not. Safe to repeat."""
    wanted: Any = {
        "items": [{"id": found.item_ref, "price": price_ref}],
        "proration_behavior": "none",
    }
    if cancels != found.cancels:
        # What was set as a moment is taken back as one.
        wanted |= {"cancel_at_period_end": True} if cancels else _KEPT[found.ends_with_period]
    with _words():
        return RemoteSubscription.of(_client().v1.subscriptions.update(found.ref, wanted).to_dict())


def subscription_end(ref: str) -> RemoteSubscription:
    """It takes nothing any more, from now on."""
    with _words():
        return RemoteSubscription.of(_client().v1.subscriptions.cancel(ref).to_dict())


def events(*, since: datetime) -> Iterator[RemoteEvent]:
    """What happened since then of the kinds that we need, the newest first. Stripe keeps events for 30 days."""
    wanted: Any = {"created": {"gte": int(since.timestamp())}, "types": list(KINDS), "limit": 100}
    with _words():
        for found in _client().v1.events.list(wanted).auto_paging_iter():
            yield RemoteEvent.of(found.to_dict())


def webhook_event(payload: bytes, signature: str) -> RemoteEvent:
    """The event that Stripe posted. Raises PaymentsForged unless it is signed, of the last five minutes, and whole."""
    try:
        found = stripe.Webhook.construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET)
        return RemoteEvent.of(found.to_dict())
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PaymentsForged.of() from error


def _checkout(wanted: dict[str, Any], customer_ref: str, price_ref: str, return_url: str, key: str) -> RemoteCheckout:
    whole: Any = {
        **wanted,
        "customer": customer_ref,
        "line_items": [{"price": price_ref, "quantity": 1}],
        "success_url": f"{return_url}?paid=card",
        "cancel_url": return_url,
        "expires_at": int((timezone.now() + PAGE_HOLDS).timestamp()),
    }
    with _words():
        return RemoteCheckout.of(
            _client().v1.checkout.sessions.create(whole, {"idempotency_key": f"checkout-{key}"}).to_dict()
        )


def _client() -> stripe.StripeClient:
    if not settings.STRIPE_SECRET_KEY:
        raise PaymentsRefused.of("There is no key for Stripe here.", "Set STRIPE_SECRET_KEY for the worker.")
    return _client_of(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL)


@lru_cache(maxsize=4)
def _client_of(key: str, url: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


@contextmanager
def _words() -> Iterator[None]:
    """Stripe's errors in ours. Its own texts may name what was sent, so they are kept short and out of the logs."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise PaymentsAway.of(_kind(error)) from error
    except stripe.InvalidRequestError as error:
        if error.http_status == 404 or error.code == "resource_missing":
            raise PaymentsUnknown.of() from error
        raise PaymentsRefused.of(f"Stripe refused: {_kind(error)}.", "Look into Stripe's log of requests.") from error
    except stripe.StripeError as error:
        raise PaymentsRefused.of(f"Stripe refused: {_kind(error)}.", "Look into Stripe's log of requests.") from error


def _kind(error: stripe.StripeError) -> str:
    return f"{type(error).__name__}{f' {error.code}' if error.code else ''}"
