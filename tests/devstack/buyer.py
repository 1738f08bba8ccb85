"""A shop that sells through the world's Stripe with Stripe's own library, and hears its webhooks."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import stripe

from openclaw_site.devstack.ports import HOST
from openclaw_site.devstack.stripe import Stripe

SUCCESS = "http://shop.example/done?session={CHECKOUT_SESSION_ID}"


class Receiver:
    """Takes webhooks on a loopback port; `refuses` so many of them first."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str]] = []  # body and Stripe-Signature
        self.refuses = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused, receiver.refuses = receiver.refuses > 0, max(receiver.refuses - 1, 0)
                if not refused:
                    receiver.taken.append((body, self.headers["Stripe-Signature"]))
                self.send_response(503 if refused else 204)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}/payments/stripe/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Shop:
    """The account's owner with one customer and one monthly price."""

    stripe: Stripe
    receiver: Receiver
    client: stripe.StripeClient = field(init=False)
    customer: str = ""
    price: str = ""

    def __post_init__(self) -> None:
        self.client = self.client_with(self.stripe.secret_key)
        self.customer = self.client.v1.customers.create({"email": "ada@buyer.example", "name": "Ada"}).id
        self.price = self.make_price()

    def client_with(self, key: str) -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.stripe.url}, max_network_retries=0)

    def make_price(self, cents: int = 4900, **more: Any) -> str:
        product = self.client.v1.products.create({"name": "Writer"})
        given: Any = {"currency": "eur", "recurring": {"interval": "month"}, "unit_amount": cents, **more}
        return self.client.v1.prices.create({"product": product.id, **given}).id

    def session(self, **more: Any) -> Any:
        given: Any = {
            "mode": "subscription",
            "customer": self.customer,
            "success_url": SUCCESS,
            "line_items": [{"price": self.price, "quantity": 1}],
            **more,
        }
        return self.client.v1.checkout.sessions.create(given)

    def subscribe(self, **subscription_data: Any) -> Any:
        """A subscription, straight from a completed session."""
        session = self.session(**({"subscription_data": subscription_data} if subscription_data else {}))
        self.stripe.complete(session.id)
        return self.subscription(self.client.v1.checkout.sessions.retrieve(session.id).subscription)

    def subscription(self, id: Any) -> Any:
        return self.client.v1.subscriptions.retrieve(str(id))

    def invoices(self, subscription: str) -> list[Any]:
        """Its invoices, oldest first."""
        return list(reversed(self.client.v1.invoices.list({"subscription": subscription}).data))

    def heard(self) -> list[Any]:
        """Every event that came to the shop, each with a signature that holds; then forgotten."""
        assert self.stripe.wait_delivered()
        events = [
            stripe.Webhook.construct_event(body, given, self.stripe.webhook_secret)
            for body, given in self.receiver.taken
        ]
        self.receiver.taken.clear()
        return events

    def browse(self, url: str, button: str = "") -> httpx.Response:
        """A page, or where the form behind one of its addresses leads to."""
        with httpx.Client(base_url=self.stripe.url, trust_env=False) as browser:
            return browser.post(button) if button else browser.get(url)
