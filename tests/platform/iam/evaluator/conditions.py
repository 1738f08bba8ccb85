"""Condition operators.

A block holds when each of its keys holds; a key holds when one of its values fits (for a negated operator: when none
does). A key that the request lacks makes an operator false, but a negated one, or one that ends in IfExists, true.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final

from .documents import Unsupported
from .matching import Context, filled, matches

Test = Callable[[str, str, Context], bool]


def _equals(pattern: str, value: str, context: Context) -> bool:
    return filled(pattern, context) == value


def _equals_ignoring_case(pattern: str, value: str, context: Context) -> bool:
    wanted = filled(pattern, context)
    return wanted is not None and wanted.lower() == value.lower()


def _like(pattern: str, value: str, context: Context) -> bool:
    return matches(pattern, value, context)


def _arn(pattern: str, value: str, context: Context) -> bool:
    """The six parts of an ARN are compared one by one: a wildcard does not reach over a colon."""
    wanted, given = pattern.split(":", 5), value.split(":", 5)
    return (
        len(given) == 6
        and len(wanted) == 6
        and all(matches(one, other, context) for one, other in zip(wanted, given, strict=True))
    )


def _address(pattern: str, value: str, context: Context) -> bool:
    return ip_address(value) in ip_network(pattern, strict=False)


def _numeric(compare: Callable[[float, float], bool]) -> Test:
    return lambda pattern, value, context: compare(float(value), float(pattern))


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))

    return lambda pattern, value, context: compare(read(value), read(pattern))


# operator: (test of one value, whether it is negated)
_OPERATORS: Final[dict[str, tuple[Test, bool]]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_arn, False),
    "ArnLike": (_arn, False),
    "ArnNotEquals": (_arn, True),
    "ArnNotLike": (_arn, True),
    "Bool": (_equals_ignoring_case, False),
    "IpAddress": (_address, False),
    "NotIpAddress": (_address, True),
    "NumericEquals": (_numeric(lambda given, wanted: given == wanted), False),
    "NumericLessThan": (_numeric(lambda given, wanted: given < wanted), False),
    "NumericLessThanEquals": (_numeric(lambda given, wanted: given <= wanted), False),
    "NumericGreaterThan": (_numeric(lambda given, wanted: given > wanted), False),
    "NumericGreaterThanEquals": (_numeric(lambda given, wanted: given >= wanted), False),
    "DateLessThan": (_date(lambda given, wanted: given < wanted), False),
    "DateGreaterThan": (_date(lambda given, wanted: given > wanted), False),
}


def hold(conditions: Mapping[str, Mapping[str, tuple[str, ...]]], context: Context) -> bool:
    """Whether all of a statement's conditions do."""
    return all(
        _holds(operator, key, wanted, context) for operator, keys in conditions.items() for key, wanted in keys.items()
    )


def _holds(operator: str, key: str, wanted: tuple[str, ...], context: Context) -> bool:
    given = context.get(key.lower(), ())
    if operator == "Null":
        return (not given) == (wanted[0].lower() == "true")
    quantifier, _, rest = operator.rpartition(":")
    name, if_exists = rest.removesuffix("IfExists"), rest.endswith("IfExists")
    if name not in _OPERATORS:
        raise Unsupported(f"operator {operator}")
    test, is_negated = _OPERATORS[name]
    if quantifier == "":
        if len(given) > 1:
            raise Unsupported(f"{key} has several values, {operator} takes one")
        if not given:
            return if_exists or is_negated
        return _fits(test, is_negated, wanted, given[0], context)
    if quantifier == "ForAllValues":
        return all(_fits(test, is_negated, wanted, value, context) for value in given)
    if quantifier == "ForAnyValue":
        return any(_fits(test, is_negated, wanted, value, context) for value in given)
    raise Unsupported(f"quantifier {quantifier}")


def _fits(test: Test, is_negated: bool, wanted: tuple[str, ...], value: str, context: Context) -> bool:
    return any(test(pattern, value, context) for pattern in wanted) != is_negated
