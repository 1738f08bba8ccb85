"""An owner at Stripe's pages, and the postman between Stripe and us."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing import services
from billing.models import CardAccount, CardVisit, PaymentEvent, Subscription
from openclaw_site.devstack.stripe import Stripe
from tenants.isolation.context import enter_customer
from tests.billing.buyers import again

Event = dict[str, Any]
WEBHOOK = "/payments/stripe/"


class Shop:
    """Stripe with its webhooks in our hands, and a clock that both sides go by."""

    def __init__(self, stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stripe = stripe
        self.client = Client(headers={"host": "localhost"})
        self._monkeypatch = monkeypatch
        self._delivered = len(stripe.events)

    def at(self, day: date, hour: int = 12) -> None:
        """It is this hour of this day, here and there."""
        moment = datetime.combine(day, time(hour), UTC)
        self._monkeypatch.setattr(timezone, "now", lambda: moment)
        self.stripe.now = moment.timestamp

    def new_events(self) -> list[Event]:
        """What happened since the last time, the oldest first, without what we need nothing of."""
        found = self.stripe.events[self._delivered :]
        self._delivered += len(found)
        return found

    def notes_of_others(self, *, before: list[Event]) -> None:
        """What happened at Stripe before these events, in other tests, is known and done."""
        own = {event["id"] for event in before}
        PaymentEvent.objects.bulk_create(
            PaymentEvent(pk=event["id"], kind="x", object_ref="x", happened_at=timezone.now(), done_at=timezone.now())
            for event in self.stripe.events
            if event["id"] not in own
        )

    def post(self, event: Event, *, signature: str | None = None) -> int:
        """The webhook's status for this event."""
        body = json.dumps(event).encode()
        header = self.stripe.signed(body) if signature is None else signature
        reply = self.client.post(WEBHOOK, body, content_type="application/json", headers={"Stripe-Signature": header})
        return int(reply.status_code)

    def deliver(self, order: Callable[[list[Event]], Iterable[Event]] = list) -> list[Event]:
        """What happened since the last time is posted to us, in this order."""
        events = list(order(self.new_events()))
        assert {self.post(event) for event in events} <= {204}
        return events

    def visit(self, subscription: Subscription, kind: str = "subscribe", **fields: Any) -> CardVisit:
        """What an owner of the customer gets who wants to go to Stripe."""
        with enter_customer(subscription.tenant_id):
            wish = services.card_visit_begin(subscription=again(subscription), kind=kind, **fields)
        return CardVisit.objects.get(pk=wish.pk)

    def checkout(self, subscription: Subscription, kind: str = "subscribe", **fields: Any) -> str:
        """The owner goes to the payment page and gives a card; where the browser is led afterwards."""
        url = self.visit(subscription, kind, **fields).url
        return self.stripe.complete(url.rpartition("/")[2])

    def pays_by_card(self, subscription: Subscription) -> CardAccount:
        """The customer's account once it has given a card and we know of it."""
        self.checkout(subscription)
        self.deliver()
        return CardAccount.objects.get(subscription=subscription)

    def renew(self, account: CardAccount, *, succeeds: bool = True) -> str:
        """Stripe's next period begins; the id of its invoice."""
        ref = self.stripe.renew(str(account.subscription_ref), succeeds=succeeds)
        assert ref is not None
        return ref

    def remote(self, account: CardAccount) -> dict[str, Any]:
        """The subscription as it stands at Stripe."""
        from billing.payments.stripe import api

        found = api.subscription(str(account.subscription_ref))
        return {"price": found.price_ref, "cancels": found.cancels, "status": found.status}


def problems() -> list[str]:
    """What people have to look at."""
    return list(PaymentEvent.objects.exclude(problem="").order_by("received_at").values_list("problem", flat=True))


def month_after(day: date) -> date:
    """The same day a month later, for days that every month has."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=day.day)
