"""Customers, products and prices: emulate keeps them, the front adds what it drops and the changes it can't make."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from . import refusals
from .books import Json
from .pages import listing
from .periods import INTERVALS
from .shop import Shop

# What an object has beside emulate's fields, where nothing was said of it.
_EMPTY: dict[str, Json] = {
    "customers": {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    },
    "products": {"default_price": None, "images": [], "statement_descriptor": None, "tax_code": None, "url": None},
    "prices": {
        "billing_scheme": "per_unit",
        "lookup_key": None,
        "nickname": None,
        "recurring": None,
        "tax_behavior": "unspecified",
    },
}
# What may be changed later; emulate changes a customer's own fields itself.
_CHANGEABLE = {
    "customers": {"email", "name", "description", "metadata", *_EMPTY["customers"]},
    "products": {"name", "description", "active", "metadata", *_EMPTY["products"]},
    "prices": {"active", "metadata", "lookup_key", "nickname", "tax_behavior"},
}


def create(shop: Shop, kind: str, given: Json) -> Json:
    """POST of a new one."""
    if kind == "prices":
        given = _price(shop, given)
    made = shop.ask("POST", f"/v1/{kind}", given)
    shop.books.remember(made["id"], **{name: given[name] for name in _EMPTY[kind].keys() & given.keys()})
    whole = completed(shop, kind, made)
    shop.books.emit(f"{whole['object']}.created", whole)
    return whole


def retrieve(shop: Shop, kind: str, id: str, *, param: str = "id") -> Json:
    """One of them, whole; a customer that was deleted as what is left of it."""
    if kind == "customers" and shop.books.extras.get(id, {}).get("deleted"):
        return {"id": id, "object": "customer", "deleted": True}
    return completed(shop, kind, shop.find(kind, id, param=param))


def update(shop: Shop, kind: str, id: str, given: Json) -> Json:
    """POST to an existing one; metadata is merged, "" removes a name."""
    before = completed(shop, kind, shop.find(kind, id))
    for name in given.keys() - _CHANGEABLE[kind]:
        raise refusals.unknown_parameter(name)
    if "metadata" in given:
        merged = {**before["metadata"], **(given["metadata"] or {})}
        given = {**given, "metadata": {name: value for name, value in merged.items() if value != ""}}
    if kind == "customers":
        shop.ask("POST", f"/v1/customers/{quote(id, safe='')}", given)
        given = {name: given[name] for name in _EMPTY[kind].keys() & given.keys()}
    shop.books.remember(id, **given)
    whole = retrieve(shop, kind, id)
    shop.books.emit(f"{whole['object']}.updated", whole, before=before)
    return whole


def list_of(shop: Shop, kind: str, query: Json) -> Json:
    """GET of a kind, by the fields that Stripe filters by."""
    things = [completed(shop, kind, thing) for thing in shop.all(kind)]
    filters: dict[str, Callable[[Json, Any], bool]] = {
        **{name: _equal(name) for name in ("email", "active", "product", "type", "currency")},
        "lookup_keys": lambda thing, wanted: thing.get("lookup_key") in wanted,
        "ids": lambda thing, wanted: thing["id"] in wanted,
    }
    asked = [(filters[name], query[name]) for name in filters.keys() & query.keys()]
    return listing(
        things,
        query,
        noun=kind.removesuffix("s"),
        url=f"/v1/{kind}",
        keep=lambda thing: all(fits(thing, wanted) for fits, wanted in asked),
    )


def completed(shop: Shop, kind: str, thing: Json) -> Json:
    """emulate's object with what the front knows of it beside."""
    return {**_EMPTY[kind], **thing, **shop.books.extras.get(thing["id"], {})}


def _equal(name: str) -> Callable[[Json, Any], bool]:
    return lambda thing, wanted: bool(thing.get(name) == wanted)


def _price(shop: Shop, given: Json) -> Json:
    """A price as emulate takes it, its rhythm in full and its product made if it comes along."""
    if "unit_amount" not in given:
        raise refusals.required("unit_amount")
    if key := given.get("lookup_key"):
        _free_lookup_key(shop, key, transfer=given.get("transfer_lookup_key") == "true")
    if recurring := given.get("recurring"):
        if recurring.get("interval") not in INTERVALS:
            raise refusals.bad("Invalid recurring[interval]: must be one of day, week, month, or year")
        rhythm = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
        given = {**given, "recurring": {**rhythm, **recurring}}
    if product := given.get("product_data"):
        given = {**given, "product": create(shop, "products", product)["id"]}
    return given


def _free_lookup_key(shop: Shop, key: str, *, transfer: bool) -> None:
    """No price has the key afterwards. Refused: one has it, and it was not to be transferred."""
    for price in shop.all("prices"):
        if shop.books.extras[price["id"]].get("lookup_key") == key:
            if not transfer:
                raise refusals.bad(f"A price (`{price['id']}`) already uses that lookup key.", param="lookup_key")
            shop.books.remember(price["id"], lookup_key=None)
