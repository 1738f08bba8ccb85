"""Events, webhooks, keys and refusals are as Stripe's own library expects them."""

import time
from typing import Any

import httpx
import pytest
import stripe

from openclaw_site.devstack.ports import HOST, free_port
from openclaw_site.devstack.stripe.front.books import API_VERSION
from tests.devstack.buyer import Shop


def test_lost_webhooks_are_listed_newest_first_and_can_be_sent_again(shop: Shop) -> None:
    before = shop.stripe.events[-1]["id"]
    shop.stripe.webhooks_lost = True
    begun = int(time.time())
    shop.subscribe()
    assert shop.heard() == []
    lost = [event["id"] for event in shop.stripe.events]
    lost = lost[lost.index(before) + 1 :]
    listed: Any = {"limit": 2, "ending_before": before}
    assert [event.id for event in shop.client.v1.events.list({**listed}).auto_paging_iter()] == lost
    newest: Any = {"limit": 3, "created": {"gte": begun}, "types": ["invoice.paid", "checkout.session.completed"]}
    page = shop.client.v1.events.list(newest)
    assert [event.type for event in page.data[:2]] == ["checkout.session.completed", "invoice.paid"]
    assert page.data[0].pending_webhooks == 1
    shop.stripe.redeliver(page.data[0].id)
    assert [event.id for event in shop.heard()] == [page.data[0].id]
    assert shop.client.v1.events.retrieve(page.data[0].id).pending_webhooks == 0


def test_webhook_is_sent_again_until_it_is_taken(shop: Shop) -> None:
    shop.receiver.refuses = 2
    shop.client.v1.customers.update(shop.customer, {"name": "Ada L."})
    (event,) = shop.heard()
    assert (event.data.object.name, event.data.previous_attributes.to_dict()) == ("Ada L.", {"name": "Ada"})
    attempts = [delivery.status for delivery in shop.stripe.deliveries if delivery.event_id == event.id]
    assert attempts == [503, 503, 204]


def test_nobody_at_the_webhook_s_address_slows_nothing(shop: Shop) -> None:
    shop.stripe.webhook_url = f"http://{HOST}:{free_port(taken=set())}/payments/stripe/"
    begun = time.monotonic()
    assert shop.subscribe().status == "active"
    assert time.monotonic() - begun < 2


def test_same_key_is_carried_out_once(shop: Shop) -> None:
    key: Any = {"idempotency_key": f"once-{shop.customer}"}
    with pytest.raises(stripe.InvalidRequestError):  # what was refused does not use the key up
        shop.client.v1.products.create({"name": ""}, key)
    first, again = (shop.client.v1.customers.create({"name": "Ada"}, key) for _ in range(2))
    assert first.id == again.id != shop.customer
    with pytest.raises(stripe.IdempotencyError):
        shop.client.v1.customers.create({"name": "Bob"}, key)


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "resource_missing"),
        ({"customer": "cus_none"}, "resource_missing"),
        ({"success_url": ""}, "parameter_missing"),
        ({"subscription_data": {"trial_end": 1}}, None),
        ({"subscription_data": {"trial_end": "soon"}}, "parameter_invalid_integer"),
        ({"subscription_data": {"billing_cycle_anchor": 4_000_000_000}}, None),
    ],
)
def test_session_that_stripe_refuses_is_refused(shop: Shop, refused: dict[str, Any], code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.session(**refused)
    assert (caught.value.http_status, caught.value.code) == (400, code)


def test_retired_price_is_not_sold_and_its_key_is_free_again(shop: Shop) -> None:
    old = shop.make_price(lookup_key=f"writer-{shop.customer}")
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        shop.make_price(lookup_key=f"writer-{shop.customer}")
    new = shop.make_price(lookup_key=f"writer-{shop.customer}", transfer_lookup_key=True)
    shop.client.v1.prices.update(old, {"active": False})
    found = shop.client.v1.prices.list({"lookup_keys": [f"writer-{shop.customer}"]}).data
    assert [(price.id, price.recurring and price.recurring.interval) for price in found] == [(new, "month")]
    shop.price = old
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        shop.session()


def test_stranger_and_unknown_are_refused(shop: Shop) -> None:
    with pytest.raises(stripe.AuthenticationError):
        shop.client_with("sk_test_wrong").v1.customers.retrieve(shop.customer)
    assert httpx.get(f"{shop.stripe.url}/v1/events", trust_env=False).status_code == 401
    for ask in (shop.client.v1.subscriptions, shop.client.v1.invoices, shop.client.v1.events, shop.client.v1.prices):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            ask.retrieve("none_1")
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as caught:
        shop.client.v1.payouts.list()
    assert caught.value.http_status == 404
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        shop.client.v1.subscriptions.update(shop.subscribe().id, {"trial_end": 1})
    # What emulate tells the front needs a signature too.
    assert httpx.post(f"{shop.stripe.url}/from-emulate", content=b"{}", trust_env=False).status_code == 400


@pytest.mark.parametrize(
    ("status", "error"), [(429, stripe.RateLimitError), (500, stripe.APIError), (503, stripe.APIError)]
)
def test_api_can_be_broken(shop: Shop, status: int, error: type[stripe.StripeError]) -> None:
    shop.stripe.fault = status
    with pytest.raises(error) as caught:
        shop.client.v1.customers.retrieve(shop.customer)
    assert caught.value.http_status == status


def test_signature_holds_for_its_body_and_a_while(shop: Shop) -> None:
    payload, secret = b'{"id": "evt_1", "object": "event"}', shop.stripe.webhook_secret
    stripe.Webhook.construct_event(payload, shop.stripe.signed(payload), secret)
    for body, given in (
        (payload + b" ", shop.stripe.signed(payload)),
        (payload, shop.stripe.signed(payload, at=int(time.time()) - 301)),
    ):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, given, secret)


def test_shapes_have_only_fields_of_the_library_s_version(shop: Shop) -> None:
    assert stripe.api_version == API_VERSION
    session = shop.session()
    shop.stripe.complete(session.id)
    session = shop.client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice", "subscription.items.data.price.product", "customer"]}
    )
    subscription = session.subscription
    item, invoice = subscription["items"].data[0], subscription.latest_invoice
    shapes: list[tuple[Any, type]] = [
        (session, stripe.checkout.Session),
        (session.customer, stripe.Customer),
        (subscription, stripe.Subscription),
        (item, stripe.SubscriptionItem),
        (item.price, stripe.Price),
        (item.price.product, stripe.Product),
        (invoice, stripe.Invoice),
        (invoice.lines.data[0], stripe.InvoiceLineItem),
        (shop.client.v1.events.list({"limit": 1}).data[0], stripe.Event),
        (shop.client.v1.billing_portal.sessions.create({"customer": shop.customer}), stripe.billing_portal.Session),
    ]
    for thing, kind in shapes:
        assert (kind.__name__, set(thing.to_dict()) - set(kind.__annotations__)) == (kind.__name__, set())
