"""Checkout, subscriptions and invoices are as Stripe's own library expects them."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from openclaw_site.devstack.stripe.front.books import API_VERSION
from tests.devstack.buyer import Shop

DAY = 86_400
FIRST_PAID = ["invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]


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
