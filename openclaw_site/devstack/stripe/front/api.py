"""The addresses below /v1: which of them there are, and what answers each."""

import copy
import re
from collections.abc import Callable
from urllib.parse import unquote, urlencode

from . import catalog, checkout, portal, records, refusals
from .books import Json
from .expand import expanded
from .refusals import Refused
from .shop import Shop

Handler = Callable[..., Json]  # of shop, what the form or query gives, and the ids in the path

# Played by emulate alone. payment_intents and charges are of use only to who posts payment intents by hand.
_FORWARDED = re.compile(r"/v1/(payment_intents|charges|payment_methods|customer_sessions)(/.*)?")


def call(shop: Shop, method: str, path: str, given: Json) -> Json:
    """The answer to an API call that was let in. Refused: also where there is no such address."""
    if _FORWARDED.fullmatch(path):
        query = f"?{urlencode(given)}" if method == "GET" and given else ""
        return shop.ask(method, path + query, given if method == "POST" else None)
    for wanted, pattern, handler in _ROUTES:
        if wanted == method and (match := pattern.fullmatch(path)):
            found = handler(shop, given, *(unquote(id) for id in match.groups()))
            with shop.books.lock:
                document = copy.deepcopy(found)
            return expanded(shop, document, given.get("expand"))
    raise Refused(refusals.unrecognized(method, path))


def _shelf(kind: str) -> list[tuple[str, str, Handler]]:
    """What can be done with a kind of the catalogue."""
    return [
        ("POST", f"/v1/{kind}", lambda shop, given: catalog.create(shop, kind, given)),
        ("GET", f"/v1/{kind}", lambda shop, given: catalog.list_of(shop, kind, given)),
        ("GET", f"/v1/{kind}/ID", lambda shop, given, id: catalog.retrieve(shop, kind, id)),
        ("POST", f"/v1/{kind}/ID", lambda shop, given, id: catalog.update(shop, kind, id, given)),
    ]


_SESSIONS = "/v1/checkout/sessions"
_TABLE: list[tuple[str, str, Handler]] = [
    *_shelf("customers"),
    *_shelf("products"),
    *_shelf("prices"),
    ("DELETE", "/v1/customers/ID", records.customer_delete),
    ("POST", _SESSIONS, checkout.create),
    ("GET", _SESSIONS, checkout.list_of),
    ("GET", f"{_SESSIONS}/ID", lambda shop, given, id: checkout.retrieve(shop, id)),
    ("POST", f"{_SESSIONS}/ID/expire", lambda shop, given, id: checkout.expire(shop, id)),
    ("GET", "/v1/subscriptions", records.subscription_list),
    ("GET", "/v1/subscriptions/ID", lambda shop, given, id: shop.own("subscription", id)),
    ("POST", "/v1/subscriptions/ID", records.subscription_update),
    ("DELETE", "/v1/subscriptions/ID", records.subscription_cancel),
    ("GET", "/v1/invoices", records.invoice_list),
    ("GET", "/v1/invoices/ID", lambda shop, given, id: shop.own("invoice", id)),
    ("POST", "/v1/billing_portal/sessions", portal.create),
    ("GET", "/v1/events", records.event_list),
    ("GET", "/v1/events/ID", lambda shop, given, id: shop.own("event", id)),
]
_ROUTES = [(method, re.compile(path.replace("ID", "([^/]+)")), handler) for method, path, handler in _TABLE]
