"""Bodies and queries as Stripe's libraries write them: forms with nested names (`items[0][price]=price_1`)."""

import re
from typing import Any
from urllib.parse import parse_qsl

from . import refusals

Json = dict[str, Any]

_NUMBERS = {
    *("unit_amount", "quantity", "interval_count", "trial_end", "trial_period_days", "billing_cycle_anchor"),
    *("expires_at", "amount", "limit", "gt", "gte", "lt", "lte"),
}
_SWITCHES = {"active", "cancel_at_period_end", "enabled", "deleted", "prorate", "invoice_now", "allow_promotion_codes"}


def parse(text: str) -> Json:
    """A form as nested dicts and lists, with numbers and switches as such. Refused: what should be one and is not."""
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        place = root
        *path, last = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name) or [name]
        for piece in path:
            inner = place.setdefault(piece, {})
            place = inner if isinstance(inner, dict) else {}
        place[last or str(len(place))] = _value(name, last, value, is_free="metadata" in path)
    return {name: _listed(value) for name, value in root.items()}


def _value(name: str, last: str, value: str, *, is_free: bool) -> Any:
    if is_free:
        return value
    if last in _NUMBERS and value:
        if not re.fullmatch(r"-?\d+", value):
            raise refusals.bad(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
        return int(value)
    if last in _SWITCHES and value:
        if value not in ("true", "false"):
            raise refusals.bad(f"Invalid boolean: {value}", param=name)
        return value == "true"
    return value


def _listed(value: Any) -> Any:
    """Dicts whose names are 0, 1, 2 … as lists."""
    if not isinstance(value, dict):
        return value
    inside = {name: _listed(inner) for name, inner in value.items()}
    if inside and all(name.isdigit() for name in inside):
        return [inside[name] for name in sorted(inside, key=int)]
    return inside
