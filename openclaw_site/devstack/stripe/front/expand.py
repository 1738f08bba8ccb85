"""`expand[]`: ids in an answer become the objects that they stand for."""

from collections.abc import Callable
from typing import Any

from . import catalog, checkout, refusals
from .books import Json
from .shop import Shop


def expanded(shop: Shop, document: Json, paths: Any) -> Json:
    """The answer with every path expanded; a path through a list goes into each of its objects."""
    for path in paths if isinstance(paths, list) else []:
        document = _through(shop, document, str(path).split("."))
    return document


def _through(shop: Shop, value: Any, path: list[str]) -> Any:
    if isinstance(value, list):
        return [_through(shop, inner, path) for inner in value]
    if not path or not isinstance(value, dict):
        return value
    name, rest = path[0], path[1:]
    inner: Any
    if name == "line_items" and value.get("object") == "checkout.session":
        inner = _line_items(shop, value["id"])
    elif name not in value:
        raise refusals.bad(f"This property cannot be expanded ({name}).")
    else:
        inner = value[name]
    if isinstance(inner, str):
        inner = _object(shop, inner)
    return {**value, name: _through(shop, inner, rest)}


def _object(shop: Shop, id: str) -> Any:
    """What an id stands for, found by its prefix; the id itself where it can't be expanded."""
    finders: dict[str, Callable[[], Json]] = {
        "cus": lambda: catalog.retrieve(shop, "customers", id),
        "prod": lambda: catalog.retrieve(shop, "products", id),
        "price": lambda: catalog.retrieve(shop, "prices", id),
        "cs": lambda: checkout.retrieve(shop, id),
        "sub": lambda: shop.own("subscription", id),
        "in": lambda: shop.own("invoice", id),
    }
    finder = finders.get(id.partition("_")[0])
    return finder() if finder else id


def _line_items(shop: Shop, session_id: str) -> Json:
    lines = [
        {
            "id": f"li_{session_id.removeprefix('cs_')}{number}",
            "object": "item",
            "amount_subtotal": one["price"]["unit_amount"] * one["quantity"],
            "amount_total": one["price"]["unit_amount"] * one["quantity"],
            "currency": one["price"]["currency"],
            "price": one["price"],
            "quantity": one["quantity"],
        }
        for number, one in enumerate(shop.books.checkouts[session_id]["wanted"])
    ]
    return {
        "object": "list",
        "data": lines,
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }
