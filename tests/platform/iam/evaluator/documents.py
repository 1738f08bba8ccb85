"""Policy documents: their statements, read strictly."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Unsupported(Exception):
    """The document uses something that the evaluator does not implement."""


_KEYS = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal",
}  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """One statement. `actions` and `resources` are patterns; `not_…` tells that they are what is left out."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]]
    principals: Mapping[str, tuple[str, ...]] | None


@dataclass(frozen=True)
class Policy:
    """A document of version 2012-10-17."""

    statements: tuple[Statement, ...]

    @classmethod
    def of(cls, document: str | Mapping[str, Any]) -> "Policy":
        """Raises Unsupported for another version, or a key that is not known."""
        read: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
        if read.get("Version") != "2012-10-17":
            raise Unsupported(f"version {read.get('Version')}")
        if unknown := set(read) - {"Version", "Statement", "Id"}:
            raise Unsupported(f"keys {unknown}")
        found = read["Statement"]
        return cls(tuple(_statement(one) for one in (found if isinstance(found, list) else [found])))


def _statement(read: Mapping[str, Any]) -> Statement:
    if unknown := set(read) - _KEYS:
        raise Unsupported(f"keys {unknown}")
    if read["Effect"] not in {"Allow", "Deny"}:
        raise Unsupported(f"effect {read['Effect']}")
    if ("Action" in read) == ("NotAction" in read):
        raise Unsupported("a statement has Action or NotAction")
    return Statement(
        sid=read.get("Sid", ""),
        allows=read["Effect"] == "Allow",
        actions=_listed(read.get("Action", read.get("NotAction"))),
        not_actions="NotAction" in read,
        resources=_listed(read.get("Resource", read.get("NotResource", []))),
        not_resources="NotResource" in read,
        conditions={
            operator: {key: _listed(values) for key, values in keys.items()}
            for operator, keys in read.get("Condition", {}).items()
        },
        principals=_principals(read["Principal"]) if "Principal" in read else None,
    )


def _principals(read: Any) -> dict[str, tuple[str, ...]]:
    if read == "*":
        return {"AWS": ("*",)}
    return {kind: _listed(values) for kind, values in read.items()}


def _listed(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
