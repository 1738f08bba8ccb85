"""emulate's shelves and the front's own books together: what every call works on."""

import json
import secrets
from typing import Any
from urllib.parse import quote

from ...emulate import Backend
from . import refusals
from .books import Books, Json
from .refusals import Refused


class Shop:
    """One account of Stripe."""

    def __init__(self, *, books: Books, backend: Backend) -> None:
        self.books = books
        self.backend = backend

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """emulate's answer to an API call. Refused: where it refuses."""
        # emulate lets each token call 5000 times an hour, which many tests need
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secrets.token_hex(8)}"}
        answer = self.backend.forward(method, path, headers, json.dumps(body).encode() if body is not None else b"")
        if answer.status >= 400:
            raise Refused(answer)
        document: Json = answer.json()
        return document

    def find(self, kind: str, id: str, *, param: str = "id") -> Json:
        """emulate's object of a kind (customers, products, prices), or the refusal of an id that is not there."""
        noun = kind.removesuffix("s").replace("/", ".")
        try:
            return self.ask("GET", f"/v1/{kind}/{quote(id, safe='')}")
        except Refused as refused:
            if refused.answer.status != 404:
                raise
            raise refusals.no_such(noun, id, param=param) from None

    def all(self, kind: str) -> list[Json]:
        """Every object of a kind, newest first, without emulate's own customer."""
        found: list[Json] = []
        after = ""
        while True:
            page: dict[str, Any] = self.ask("GET", f"/v1/{kind}?limit=100{after}")
            found += page["data"]
            if not page["has_more"]:
                return [thing for thing in found if thing["id"] in self.books.extras]
            after = f"&starting_after={found[-1]['id']}"

    def own(self, noun: str, id: str, *, param: str = "id") -> Json:
        """The front's own object: a subscription, an invoice or an event."""
        shelf = {"subscription": self.books.subscriptions, "invoice": self.books.invoices, "event": self.books.events}
        if id not in shelf[noun]:
            raise refusals.no_such(noun, id, param=param)
        return shelf[noun][id]
