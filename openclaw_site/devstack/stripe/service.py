"""Stripe as one part of the world: emulate and front together, and what tests do to it from outside."""

import copy
import secrets
import time
from collections.abc import Callable
from typing import Any

from ..emulate import Emulate
from ..errors import DevstackError
from ..ports import HOST
from .front import catalog, checkout, invoices, signature, subscriptions
from .front.books import Books, Json
from .front.delivery import Deliveries, Delivery
from .front.server import FROM_EMULATE, Front
from .front.shop import Shop

# Those of emulate's events that only emulate knows of.
_TOLD_BY_EMULATE = [
    *("checkout.session.completed", "checkout.session.expired", "charge.succeeded"),
    *("payment_intent.created", "payment_intent.succeeded", "payment_intent.canceled"),
]


class Stripe:
    """One account's API and pages on one loopback port, and its webhooks to one address.

    For tests: complete(), renew(), retry(), redeliver(), signed(), wait_delivered(); `now`, `fault`, `webhook_url`,
    `webhooks_lost`.
    """

    def __init__(self, *, port: int, emulate: Emulate, secret_key: str, webhook_secret: str, webhook_url: str) -> None:
        self.url = f"http://{HOST}:{port}"
        self.secret_key = secret_key
        self.webhook_secret = webhook_secret
        self.webhooks_lost = False  # while true, events are recorded and can be listed, but are not delivered
        self._inside_secret = f"whsec_{secrets.token_hex(24)}"
        self._emulate = emulate
        backend = emulate.join("stripe", url=self.url, seed=self._seed)
        self._books = Books(url=self.url, told=self._told)
        self._shop = Shop(books=self._books, backend=backend)
        self._deliveries = Deliveries(url=webhook_url, sign=self.signed, taken=self._taken)
        self._front = Front(port=port, shop=self._shop, secret_key=secret_key, inside_secret=self._inside_secret)

    @property
    def fault(self) -> int | None:
        """HTTP status that every API call gets instead of an answer (429, 500, 503); None: none."""
        return self._front.fault

    @fault.setter
    def fault(self, status: int | None) -> None:
        self._front.fault = status

    @property
    def now(self) -> Callable[[], float]:
        """The clock, in seconds since 1970, of everything but emulate's own `created` and of signatures."""
        return self._books.clock

    @now.setter
    def now(self, clock: Callable[[], float]) -> None:
        self._books.clock = clock

    @property
    def webhook_url(self) -> str:
        """Where events go. Setting it gives up those that are still on their way to the old address."""
        return self._deliveries.url

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        self._deliveries.url = url

    @property
    def events(self) -> list[Json]:
        """Every event so far, oldest first, delivered or not."""
        with self._books.lock:
            return copy.deepcopy(list(self._books.events.values()))

    @property
    def deliveries(self) -> list[Delivery]:
        """The last attempts to deliver, oldest first."""
        return list(self._deliveries.attempts)

    def start(self) -> None:
        """API and pages answer when this returns, with nothing in the account."""
        self._front.require_port()
        self._emulate.start()
        self._front.start()
        self._deliveries.start()

    def stop(self) -> None:
        """Nothing listens and nothing is delivered; emulate is left to its owner. Safe to repeat."""
        self._deliveries.stop()
        self._front.stop()

    def environment(self) -> dict[str, str]:
        """The back office's environment names for it."""
        return {
            "STRIPE_SECRET_KEY": self.secret_key,
            "STRIPE_WEBHOOK_SECRET": self.webhook_secret,
            "STRIPE_API_URL": self.url,
            "CARD_PAYMENTS": "true",
        }

    def signed(self, payload: bytes, at: int | None = None) -> str:
        """The Stripe-Signature header for a webhook with this body, sent at this second (now, if none)."""
        return signature.header(payload, secret=self.webhook_secret, at=int(time.time()) if at is None else at)

    def complete(self, session_id: str) -> str:
        """What the checkout page's button does; returns where the browser is sent. DevstackError: not open."""
        session = self._books.checkouts.get(session_id)
        if session is None or checkout.retrieve(self._shop, session_id)["status"] != "open":
            raise DevstackError(f"There is no open checkout session {session_id}.")
        return checkout.press(self._shop, session_id, b"").header("Location")

    def renew(self, subscription_id: str, succeeds: bool = True) -> str | None:
        """The period ends and the next is charged; returns the invoice's id, None for a subscription that ends then.

        DevstackError: no such subscription, or one that has ended.
        """
        held = self._books.subscriptions.get(subscription_id)
        if held is None or held["status"] == "canceled":
            raise DevstackError(f"There is no running subscription {subscription_id}.")
        customer = catalog.retrieve(self._shop, "customers", held["customer"])
        invoice = subscriptions.renew(self._books, held, customer=customer, succeeds=succeeds)
        return str(invoice["id"]) if invoice else None

    def retry(self, invoice_id: str, succeeds: bool = True) -> None:
        """One more attempt to collect an unpaid invoice. DevstackError: no such invoice, or not open."""
        invoice = self._books.invoices.get(invoice_id)
        if invoice is None or invoice["status"] != "open":
            raise DevstackError(f"There is no open invoice {invoice_id}.")
        held = self._books.subscriptions[invoice["parent"]["subscription_details"]["subscription"]]
        invoices.charge(self._books, held, invoice, succeeds=succeeds)

    def redeliver(self, event_id: str) -> None:
        """Deliver an event once more, also while webhooks are lost. DevstackError: no such event."""
        event = self._books.events.get(event_id)
        if event is None:
            raise DevstackError(f"There is no event {event_id}.")
        self._deliveries.send(event)

    def wait_delivered(self, timeout_seconds: float = 10) -> bool:
        """Whether every event was taken, or given up, within this time. One that nobody takes is given up after 5 s."""
        return self._deliveries.wait(timeout_seconds)

    def _told(self, event: Json) -> None:
        if not self.webhooks_lost:
            self._deliveries.send(event)

    def _taken(self, event_id: str) -> None:
        with self._books.lock:
            self._books.events[event_id]["pending_webhooks"] = 0

    def _seed(self) -> dict[str, Any]:
        webhook = {"url": f"{self.url}{FROM_EMULATE}", "events": _TOLD_BY_EMULATE, "secret": self._inside_secret}
        return {"stripe": {"webhooks": [webhook]}}
