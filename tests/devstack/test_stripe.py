"""Checkout, subscriptions, invoices, events and webhooks are as Stripe's own library expects them."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stripe

from openclaw_site.devstack.ports import HOST, free_port
from openclaw_site.devstack.stripe.front.books import API_VERSION
from openclaw_site.devstack.world import World
from tests.devstack.buyer import Receiver, Shop

DAY = 86_400
FIRST_PAID = ["invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def shop(world: World, receiver: Receiver) -> Iterator[Shop]:
    """A new customer and price, of which nothing was heard yet."""
    address, clock = world.stripe.webhook_url, world.stripe.now
    world.stripe.webhook_url = receiver.url
    shop = Shop(world.stripe, receiver)
    shop.heard()
    yield shop
    world.stripe.fault, world.stripe.webhooks_lost = None, False
    world.stripe.now, world.stripe.webhook_url = clock, address
    receiver.refuses = 0
    receiver.taken.clear()


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def test_pressed_button_makes_a_paid_subscription_and_tells_of_all(shop: Shop) -> None:
    data = {"metadata": {"tenant": "7"}}
    session = shop.session(client_reference_id="tenant-7", subscription_data=data)
    page = shop.browse(session.url)
    action = re.search(r'<form method="post" action="(.*?)"', page.text)
    assert page.status_code == 200 and "Writer" in page.text and action is not None
    assert shop.browse("", button=action[1]).headers["location"] == f"http://shop.example/done?session={session.id}"

    events = shop.heard()
    assert [event.type for event in events] == [
        "customer.subscription.created",
        *FIRST_PAID,
        "checkout.session.completed",
    ]
    assert {(event.id[:4], event.api_version, event.livemode) for event in events} == {("evt_", API_VERSION, False)}
    completed = events[-1].data.object
    assert (completed.status, completed.payment_status, completed.amount_total) == ("complete", "paid", 4900)
    assert (completed.client_reference_id, completed.customer) == ("tenant-7", shop.customer)
    subscription = shop.subscription(completed.subscription)
    (item,) = subscription["items"].data
    assert (subscription.status, subscription.metadata["tenant"]) == ("active", "7")
    assert item.price.id == shop.price and 28 * DAY <= item.current_period_end - item.current_period_start <= 31 * DAY
    invoice = shop.client.v1.invoices.retrieve(subscription.latest_invoice)
    assert invoice.parent is not None and invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 4900, "subscription_create")
    assert invoice.lines.data[0].period.end == item.current_period_end


def test_session_is_completed_once(shop: Shop) -> None:
    session = shop.session()
    shop.stripe.complete(session.id)
    shop.browse("", button=f"/checkout/{session.id}/complete")
    assert len(shop.client.v1.subscriptions.list({"customer": shop.customer}).data) == 1


def test_trial_begins_with_a_paid_invoice_over_nothing(shop: Shop) -> None:
    until = int(time.time()) + 10 * DAY
    trial = shop.subscribe(trial_end=until)
    assert (trial.status, trial.trial_end, trial.billing_cycle_anchor) == ("trialing", until, until)
    (invoice,) = shop.invoices(trial.id)
    assert (invoice.status, invoice.total, invoice.attempt_count) == ("paid", 0, 0)
    assert shop.heard()[-1].data.object.payment_status == "no_payment_required"
    shop.stripe.renew(trial.id)
    assert shop.subscription(trial.id).status == "active"
    assert shop.invoices(trial.id)[-1].lines.data[0].period.start == until


def test_first_period_up_to_an_anchor_is_charged_in_part_or_not_at_all(shop: Shop) -> None:
    now = datetime(2027, 4, 11, 12, tzinfo=UTC)
    shop.stripe.now = now.timestamp
    anchor = unix(datetime(2027, 5, 1, 12, tzinfo=UTC))
    free = shop.subscribe(billing_cycle_anchor=anchor, proration_behavior="none")
    assert (free.status, shop.invoices(free.id)) == ("active", [])
    part = shop.subscribe(billing_cycle_anchor=anchor)
    assert [invoice.total for invoice in shop.invoices(part.id)] == [round(4900 * 20 / 30)]
    for subscription in (free, part):
        assert subscription["items"].data[0].current_period_end == anchor


def test_periods_end_on_the_anchor_s_day_or_a_short_month_s_last(shop: Shop) -> None:
    shop.stripe.now = datetime(2027, 1, 31, 8, tzinfo=UTC).timestamp
    subscription = shop.subscribe()
    for _ in range(2):
        shop.stripe.renew(subscription.id)
    periods = [invoice.lines.data[0].period for invoice in shop.invoices(subscription.id)]
    starts = [datetime.fromtimestamp(period.start, UTC).date().isoformat() for period in periods]
    assert starts == ["2027-01-31", "2027-02-28", "2027-03-31"]
    assert [period.end for period in periods[:-1]] == [period.start for period in periods[1:]]


def test_failed_renewal_is_past_due_until_a_retry_succeeds(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.heard()
    invoice_id = shop.stripe.renew(subscription.id, succeeds=False)
    failed = shop.heard()[-2:]
    assert [event.type for event in failed] == ["invoice.payment_failed", "customer.subscription.updated"]
    invoice = failed[0].data.object
    assert (invoice.status, invoice.attempt_count, invoice.amount_remaining) == ("open", 1, 4900)
    assert (failed[1].data.object.status, failed[1].data.previous_attributes.status) == ("past_due", "active")
    shop.stripe.retry(str(invoice_id), succeeds=False)
    assert shop.heard()[-1].data.object.attempt_count == 2
    shop.stripe.retry(str(invoice_id))
    assert [event.type for event in shop.heard()] == [*FIRST_PAID[2:], "customer.subscription.updated"]
    assert shop.subscription(subscription.id).status == "active"


def test_dearer_price_is_billed_by_the_time_left_now_later_or_never(shop: Shop) -> None:
    start = datetime(2027, 4, 1, tzinfo=UTC)
    shop.stripe.now = start.timestamp
    dearer, subscriptions = shop.make_price(9900), [shop.subscribe() for _ in range(3)]
    shop.stripe.now = (start + timedelta(days=15)).timestamp
    totals = []
    for subscription, behaviour in zip(subscriptions, ("always_invoice", "create_prorations", "none"), strict=True):
        item = subscription["items"].data[0].id
        given: Any = {"items": [{"id": item, "price": dearer}], "proration_behavior": behaviour}
        changed = shop.client.v1.subscriptions.update(subscription.id, given)
        assert [(held.id, held.price.id) for held in changed["items"].data] == [(item, dearer)]
        shop.stripe.renew(subscription.id)
        totals.append([invoice.total for invoice in shop.invoices(subscription.id)])
    assert totals == [[4900, 2500, 9900], [4900, 12400], [4900, 9900]]


def test_item_without_an_id_comes_beside_the_old_one(shop: Shop) -> None:
    given: Any = {"items": [{"price": shop.make_price(900)}]}
    changed = shop.client.v1.subscriptions.update(shop.subscribe().id, given)
    assert [item.price.unit_amount for item in changed["items"].data] == [4900, 900]


def test_cancelled_subscription_ends_at_once_or_with_its_period(shop: Shop) -> None:
    at_once, later = shop.subscribe(), shop.subscribe()
    assert shop.client.v1.subscriptions.cancel(at_once.id).status == "canceled"
    shop.client.v1.subscriptions.update(later.id, {"cancel_at_period_end": True})
    assert shop.subscription(later.id).status == "active"
    assert shop.stripe.renew(later.id) is None
    assert [shop.subscription(one.id).status for one in (at_once, later)] == ["canceled", "canceled"]
    assert len(shop.invoices(later.id)) == 1
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        shop.client.v1.subscriptions.cancel(at_once.id)


def test_deleted_customer_s_subscriptions_end(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.client.v1.customers.delete(shop.customer)
    assert shop.subscription(subscription.id).status == "canceled"
    assert shop.client.v1.customers.retrieve(shop.customer).deleted


def test_portal_ends_a_subscription_with_its_period_or_keeps_it(shop: Shop) -> None:
    subscription, stranger = shop.subscribe(), Shop(shop.stripe, shop.receiver).subscribe()
    given: Any = {"customer": shop.customer, "return_url": "http://shop.example/account"}
    portal = shop.client.v1.billing_portal.sessions.create(given)
    page = shop.browse(portal.url).text
    assert "ada@buyer.example" in page and 'href="http://shop.example/account"' in page and stranger.id not in page

    def press(name: str) -> tuple[Any, Any]:
        action = re.search(rf'action="([^"]+)"><button id="{name}"', shop.browse(portal.url).text)
        assert action is not None and shop.browse("", button=action[1]).headers["location"] in portal.url
        held = shop.subscription(subscription.id)
        return held.cancel_at, held.cancel_at_period_end

    assert press("cancel") == (subscription["items"].data[0].current_period_end, False)
    assert press("keep") == (None, False)
    assert shop.browse("", button=f"/p/session/{portal.id}/{stranger.id}/cancel").status_code == 404


def test_unpaid_invoice_can_be_paid_on_its_page(shop: Shop) -> None:
    subscription = shop.subscribe()
    invoice = shop.client.v1.invoices.retrieve(str(shop.stripe.renew(subscription.id, succeeds=False)))
    assert 'id="pay"' in shop.browse(str(invoice.hosted_invoice_url)).text
    shop.browse("", button=f"/i/{invoice.id}")
    assert shop.client.v1.invoices.retrieve(invoice.id).status == "paid"


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
