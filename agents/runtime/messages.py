"""A Gmail message as the customer's schema keeps it.

Owns the translation from Gmail's resource: which headers, how text is made storable, what is cut. Mail is
data from strangers, so every value is bounded and nothing in it can make a tick fail.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

HEADERS = ("From", "To", "Subject")
LONGEST_HEADER_CHARS = 1000
LONGEST_SNIPPET_CHARS = 1000
MOST_LABELS = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One row of `inbox_messages`. Its repr shows only Gmail's id."""

    gmail_id: str
    thread_id: str = field(repr=False)
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    snippet: str = field(repr=False)
    label_ids: list[str] = field(repr=False)
    received_at: datetime = field(repr=False)


def message_from(resource: Mapping[str, Any]) -> Message:
    """The message in a `users.messages.get` answer of format `metadata`.

    Gmail escapes the snippet for HTML; it is kept as plain text. A message without a usable date counts as
    received now.
    """
    payload = resource.get("payload") or {}
    headers = {
        str(header.get("name", "")).lower(): str(header.get("value", "")) for header in payload.get("headers") or []
    }
    return Message(
        gmail_id=str(resource["id"]),
        thread_id=str(resource.get("threadId") or resource["id"]),
        sender=storable(headers.get("from", ""), LONGEST_HEADER_CHARS),
        recipient=storable(headers.get("to", ""), LONGEST_HEADER_CHARS),
        subject=storable(headers.get("subject", ""), LONGEST_HEADER_CHARS),
        snippet=storable(html.unescape(str(resource.get("snippet", ""))), LONGEST_SNIPPET_CHARS),
        label_ids=[storable(str(label), 200) for label in (resource.get("labelIds") or [])[:MOST_LABELS]],
        received_at=_moment(resource.get("internalDate")),
    )


def storable(text: str, longest: int) -> str:
    """`text` without what PostgreSQL cannot hold (NUL, lone surrogates), at most `longest` characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:longest]


def _moment(milliseconds: object) -> datetime:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
