"""Patterns: `*`, `?`, and policy variables, which are put in as they are, never as patterns."""

import re
from collections.abc import Mapping, Sequence

from .documents import Unsupported

_VARIABLE = re.compile(r"\$\{(?P<body>[^}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}

# Request keys, in lower case since their names are compared without case; a key with several values has several.
Context = Mapping[str, Sequence[str]]


def matches(pattern: str, value: str, context: Context, *, ignore_case: bool = False) -> bool:
    """Whether the value fits the pattern. A variable whose key is missing, without a default, makes it fit nothing."""
    expression = _expression(pattern, context)
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return expression is not None and re.fullmatch(expression, value, flags) is not None


def filled(text: str, context: Context) -> str | None:
    """The text with its variables' values; None when one is missing."""
    parts: list[str] = []
    for is_variable, part in _parts(text):
        value = _value(part, context) if is_variable else part
        if value is None:
            return None
        parts.append(value)
    return "".join(parts)


def _expression(pattern: str, context: Context) -> str | None:
    parts: list[str] = []
    for is_variable, part in _parts(pattern):
        if is_variable:
            value = _value(part, context)
            if value is None:
                return None
            parts.append(re.escape(value))
        else:
            parts.append(re.escape(part).replace(r"\*", ".*").replace(r"\?", "."))
    return "".join(parts)


def _parts(text: str) -> list[tuple[bool, str]]:
    parts: list[tuple[bool, str]] = []
    at = 0
    for found in _VARIABLE.finditer(text):
        parts.append((False, text[at : found.start()]))
        parts.append((True, found["body"]))
        at = found.end()
    return [*parts, (False, text[at:])]


def _value(body: str, context: Context) -> str | None:
    if body in _LITERALS:
        return _LITERALS[body]
    key, comma, default = body.partition(",")
    values = context.get(key.strip().lower(), ())
    if len(values) > 1:
        raise Unsupported(f"a variable of a key with several values: {key}")
    if values:
        return values[0]
    return default.strip().strip("'") if comma else None
