"""Lists as Stripe gives them: newest first, a page at a time."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from . import refusals

Json = dict[str, Any]


def listing(
    newest_first: Sequence[Json], query: Json, *, noun: str, url: str, keep: Callable[[Json], bool] = bool
) -> Json:
    """The page that `limit`, `starting_after` and `ending_before` ask for, of what `created` and `keep` leave."""
    limit = query.get("limit", 10)
    if not 1 <= limit <= 100:
        raise refusals.bad("Invalid integer: this value must be between 1 and 100.", param="limit")
    found, backwards = newest_first, False
    if after := query.get("starting_after"):
        found = found[_place(found, after, noun=noun, param="starting_after") + 1 :]
    elif before := query.get("ending_before"):
        found, backwards = found[: _place(found, before, noun=noun, param="ending_before")], True
    kept = [thing for thing in found if keep(thing) and _fits(thing["created"], query.get("created"))]
    page = kept[-limit:] if backwards else kept[:limit]
    return {"object": "list", "data": page, "has_more": len(kept) > limit, "url": url}


def _place(things: Sequence[Json], id: str, *, noun: str, param: str) -> int:
    for place, thing in enumerate(things):
        if thing["id"] == id:
            return place
    raise refusals.no_such(noun, id, param=param)


def _fits(created: int, asked: Any) -> bool:
    if asked is None:
        return True
    if not isinstance(asked, dict):
        return str(created) == str(asked)
    tests = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
    return all(test(created, asked[name]) for name, test in tests.items() if name in asked)
