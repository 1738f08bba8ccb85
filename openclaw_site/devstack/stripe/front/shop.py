"""emulate's shelves and the front's own books together: what every call works on."""

import json
from typing import Any
from urllib.parse import quote

from ...emulate import Backend
from . import refusals
from .books import Books, Json
from .refusals import Refused

_JSON = {"Content-Type": "application/json"}


class Shop:
    """One account of Stripe."""

    def __init__(self, *, books: Books, backend: Backend) -> None:
        self.books = books
        self.backend = backend

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """emulate's answer to an API call. Refused: where it refuses."""
        answer = self.backend.forward(method, path, _JSON, json.dumps(body).encode() if body is not None else b"")
        if answer.status >= 400:
            raise Refused(answer)
        document: Json = answer.json()
        return document

    def find(self, kind: str, id: str, *, param: str = "id") -> Json:
        """emulate's object of a kind (customers, products, prices), or the refusal of an id that is not there."""
        noun = kind.removesuffix("s")
        try:
            return self.ask("GET", f"/v1/{kind}/{quote(id, safe='')}")
        except Refused as refused:
            if refused.answer.status != 404:
                raise
            raise refusals.no_such(noun, id, param=param) from None

    def all(self, kind: str) -> list[Json]:
        """Every object of a kind that emulate has, newest first."""
        found: list[Json] = []
        after = ""
        while True:
            page: dict[str, Any] = self.ask("GET", f"/v1/{kind}?limit=100{after}")
            found += page["data"]
            if not page["has_more"]:
                return found
            after = f"&starting_after={found[-1]['id']}"

    def own(self, noun: str, id: str, *, param: str = "id") -> Json:
        """The front's own object: a subscription, an invoice or an event."""
        shelf = {"subscription": self.books.subscriptions, "invoice": self.books.invoices, "event": self.books.events}
        if id not in shelf[noun]:
            raise refusals.no_such(noun, id, param=param)
        return shelf[noun][id]
