"""The rules of the front: picks what answers a path. Everything it serves is on loopback."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from ...emulate import Answer, FrontServer
from ...emulate.front import bearer
from . import checkout, forms, portal, refusals, signature
from .api import call
from .books import Json
from .idempotency import IdempotencyKeys
from .refusals import Refused
from .shop import Shop

FROM_EMULATE = "/from-emulate"


class Front:
    """Stripe's address. `fault` makes every API call fail with that status."""

    def __init__(self, *, port: int, shop: Shop, secret_key: str, inside_secret: str) -> None:
        self.fault: int | None = None
        self._shop = shop
        self._secret_key = secret_key
        self._inside_secret = inside_secret
        self._keys = IdempotencyKeys()
        self._server = FrontServer(
            port=port, part="Stripe", field="stripe", rule=self.answer, broken=refusals.fault(503)
        )

    def require_port(self) -> None:
        """DevstackError when the port is taken."""
        self._server.require_port()

    def start(self) -> None:
        """It answers when this returns. DevstackError: port taken."""
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What Stripe answers this request."""
        names = {name.lower(): value for name, value in headers.items()}
        plain, _, query = path.partition("?")
        try:
            if plain.startswith("/v1/"):
                return _numbered(self._api(method, plain, query, names, body))
            if method == "POST" and plain == FROM_EMULATE:
                return self._from_emulate(names, body)
            return self._page(method, plain, body)
        except Refused as refused:
            return refused.answer

    def _api(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not secrets.compare_digest(bearer(headers).encode(), self._secret_key.encode()):
            return refusals.unauthenticated(bearer(headers))
        if self.fault is not None:
            return refusals.fault(self.fault)
        key = headers.get("idempotency-key", "")
        if method != "POST" or not key:
            return self._carry_out(method, path, query, body)
        if (before := self._keys.begin(key, path=path, body=body)) is not None:
            return before
        answer = None
        try:
            answer = self._carry_out(method, path, query, body)
        finally:
            self._keys.end(key, answer)
        return answer

    def _carry_out(self, method: str, path: str, query: str, body: bytes) -> Answer:
        try:
            given = {**forms.parse(query), **forms.parse(body.decode(errors="replace"))}
            return Answer.of(call(self._shop, method, path, given))
        except Refused as refused:
            return refused.answer

    def _from_emulate(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """One of emulate's webhooks, which it waits for before it answers whoever caused it."""
        given = headers.get("stripe-signature", "")
        if not signature.holds(body, given, secret=self._inside_secret):
            return refusals.error(400, "The signature does not fit.")
        event: Json = json.loads(body)
        checkout.took(self._shop, event["type"], event["data"]["object"])
        return Answer.of({})

    def _page(self, method: str, path: str, body: bytes) -> Answer:
        """The pages that a browser is sent to."""
        pieces = path.strip("/").split("/")
        pages: dict[tuple[str, str, int], Callable[..., Answer]] = {
            ("GET", "checkout", 2): lambda id: checkout.page(self._shop, f"/checkout/{quote(id, safe='')}"),
            ("POST", "checkout", 3): lambda id, _: checkout.press(self._shop, id, body),
            ("GET", "p", 3): lambda _, id: portal.show(self._shop, id),
            ("POST", "p", 5): lambda _, *chosen: portal.press(self._shop, *chosen),
            ("GET", "i", 2): lambda id: portal.show_invoice(self._shop, id),
            ("POST", "i", 2): lambda id: portal.pay_invoice(self._shop, id),
            ("GET", "_emulate", 3): lambda *_: self._shop.backend.forward("GET", path, {}, b""),
        }
        page = pages.get((method, pieces[0], len(pieces)))
        return page(*pieces[1:]) if page else refusals.unrecognized(method, path)


def _numbered(answer: Answer) -> Answer:
    """With the id of the request, which Stripe's libraries show in their errors."""
    return replace(answer, headers={**answer.headers, "Request-Id": f"req_{secrets.token_hex(7)}"})
