"""The webhook against liars, repeaters and the post's disorder."""

import json
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from billing import services, tasks
from billing.errors import PaymentsAway
from billing.models import CardAccount, Invoice, PaymentEvent, Subscription
from tenants.isolation.context import enter_platform
from tests.billing.buyers import again, invoices, make_subscription
from tests.billing.cards.shop import WEBHOOK, Event, Shop, problems

TRIAL_OVER = date(2026, 1, 10)


@pytest.fixture
def charged(shop: Shop) -> Subscription:
    """Trial over a week ago; its owner has just given a card, which was charged. We were told nothing yet."""
    shop.at(TRIAL_OVER + timedelta(days=5))
    late = make_subscription(agreed=False, trial_ends_on=TRIAL_OVER)
    shop.checkout(late)
    return late


def standing(subscription: Subscription) -> tuple[str, str, list[tuple[str, int]], list[str]]:
    found = again(subscription)
    rows = [(invoice.state, invoice.total_minor) for invoice in invoices(subscription)]
    return found.state, found.payment, rows, problems()


PAID = ("active", "stripe", [("paid", 50_000)], [])


@pytest.mark.parametrize(
    "forge",
    [
        lambda shop, body: "",
        lambda shop, body: "t=1,v1=00",
        lambda shop, body: shop.stripe.signed(body, at=int(time.time()) - 301),
        lambda shop, body: shop.stripe.signed(body + b" "),
        lambda shop, body: shop.stripe.signed(body).replace("v1=", "v0="),
    ],
    ids=["unsigned", "nonsense", "of six minutes ago", "of another text", "of a weaker scheme"],
)
def test_what_is_not_stripe_s_is_refused_and_not_noted(
    shop: Shop, charged: Subscription, forge: Callable[[Shop, bytes], str]
) -> None:
    for event in shop.new_events():
        assert shop.post(event, signature=forge(shop, json.dumps(event).encode())) == 400
    assert (PaymentEvent.objects.count(), again(charged).payment) == (0, "manual")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"object": "event"}', b'{"object": "event", "id": 1}'])
def test_what_is_signed_and_no_event_is_refused(shop: Shop, body: bytes) -> None:
    header = {"Stripe-Signature": shop.stripe.signed(body)}
    assert shop.client.post(WEBHOOK, body, content_type="application/json", headers=header).status_code == 400


def test_where_there_is_no_secret_there_is_no_webhook(shop: Shop, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert shop.post({"object": "event"}) == 404
    assert shop.client.get(WEBHOOK).status_code == 405


def test_of_a_message_only_the_object_is_kept(shop: Shop, charged: Subscription) -> None:
    told = shop.deliver()
    ids = {event["id"] for event in told}
    assert {row.pk for row in PaymentEvent.objects.all()} < ids  # Those of kinds that we need nothing of are not.
    kept = json.dumps(list(PaymentEvent.objects.values()), default=str)
    assert charged.tenant.email not in kept
    assert charged.tenant.email in json.dumps(told)


@pytest.mark.parametrize(
    "order",
    [
        list,
        lambda events: reversed(events),
        lambda events: [*events, *reversed(events), *events],
        lambda events: sorted(events, key=lambda event: event["type"]),
        lambda events: [event for event in events if event["type"] == "invoice.paid"],
        lambda events: (
            [event for event in events if event["type"] == "checkout.session.completed"] * 2
            + [event for event in events if event["type"] == "invoice.paid"]
        ),
    ],
    ids=["in order", "backwards", "three times", "by name", "the money alone", "page and money"],
)
def test_the_order_and_number_of_messages_make_no_difference(
    shop: Shop, charged: Subscription, order: Callable[[list[Event]], list[Event]]
) -> None:
    shop.deliver(order)
    assert standing(charged) == PAID


def test_a_refusal_that_is_told_after_the_money_changes_nothing(shop: Shop, charged: Subscription) -> None:
    shop.deliver()
    account = CardAccount.objects.get(subscription=charged)
    shop.at(date(2026, 2, 15), 13)
    ref = shop.renew(account, succeeds=False)
    shop.stripe.retry(ref, succeeds=True)
    shop.deliver(lambda events: reversed(events))
    assert again(charged).state == "active"
    assert [invoice.state for invoice in invoices(charged)] == ["paid", "paid"]
    assert not Invoice.objects.filter(failed_on__isnull=False).exists()


def test_workers_that_have_all_messages_at_once_do_each_thing_once(
    shop: Shop, charged: Subscription, eager: None
) -> None:
    events = [event for event in shop.new_events() if event["type"] in ("checkout.session.completed", "invoice.paid")]
    for event in events:
        PaymentEvent.objects.create(
            pk=event["id"],
            kind=event["type"],
            object_ref=event["data"]["object"]["id"],
            happened_at=timezone.now(),
        )
    barrier, errors = threading.Barrier(4), list[BaseException]()

    def work(number: int) -> None:
        try:
            with enter_platform():
                barrier.wait(timeout=20)
                services.card_event_apply(event_id=events[number % len(events)]["id"])
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert errors == []
    assert standing(charged) == PAID


def test_messages_that_never_came_are_found_and_carried_out(shop: Shop, charged: Subscription) -> None:
    shop.notes_of_others(before=shop.new_events())
    found = StringIO()
    call_command("replay_payments", "--days", "30", stdout=found)
    assert "missed and carried out now" in found.getvalue()
    assert standing(charged) == PAID
    found = StringIO()
    call_command("replay_payments", stdout=found)
    assert found.getvalue() == "None was missed.\n"


@pytest.mark.parametrize("status", [429, 503])
def test_while_stripe_is_away_a_message_waits(shop: Shop, charged: Subscription, status: int) -> None:
    shop.stripe.fault = status
    told = shop.new_events()
    assert {shop.post(event) for event in told} == {204}
    waiting = PaymentEvent.objects.filter(done_at=None).count()
    assert waiting == PaymentEvent.objects.count() > 0
    with pytest.raises(PaymentsAway):
        services.card_event_apply(event_id=PaymentEvent.objects.first().pk)  # type: ignore[union-attr]
    shop.stripe.fault = None
    PaymentEvent.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    tasks.cards_sweep()
    assert (standing(charged), PaymentEvent.objects.filter(done_at=None).count()) == (PAID, 0)


def test_what_is_nobody_s_or_another_amount_is_left_to_people(shop: Shop, charged: Subscription) -> None:
    told = shop.new_events()
    paid = next(event for event in told if event["type"] == "invoice.paid")
    CardAccount.objects.update(customer_ref="cus_another")
    assert shop.post(paid) == 204
    assert problems() == ["It is no customer of ours."]
    CardAccount.objects.update(customer_ref=paid["data"]["object"]["customer"])
    Subscription.objects.filter(pk=charged.pk).update(tax_percent=7)
    services.card_events_again(event_ids=[paid["id"]])
    [why] = problems()
    assert why.startswith("Stripe asks another amount than 2026-000001.")
    [invoice] = invoices(charged)
    assert invoice.state == "open"


def test_an_object_that_stripe_does_not_know_is_said_to_be_so(shop: Shop) -> None:
    event = {
        "object": "event",
        "id": "evt_1",
        "type": "invoice.paid",
        "created": 1,
        "data": {"object": {"id": "in_no"}},
    }
    assert shop.post(event) == 204
    [why] = problems()
    assert why.startswith("Stripe does not know it.")


def test_nothing_of_a_card_payment_reaches_the_logs(
    shop: Shop, charged: Subscription, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level("DEBUG", logger="billing")
    shop.deliver()
    assert "pays by card" in caplog.text
    for secret in (settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET, charged.tenant.email, "cs_"):
        assert secret not in caplog.text
