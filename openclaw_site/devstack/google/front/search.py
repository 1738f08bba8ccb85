"""Gmail's search for one Message-ID. emulate compares it with a colon in front, so it never finds anything."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...emulate.backend import Backend

_QUERY = re.compile(r"rfc822msgid:<?([^<>\s]+)>?")
_BASE = "/gmail/v1/users/me/messages"


def message_id_in(path: str) -> str | None:
    """The Message-ID that this list of messages is asked for, without its brackets, or None."""
    asked = _QUERY.fullmatch(parse_qs(urlsplit(path).query).get("q", [""])[0])
    return asked[1] if asked else None


def found(backend: Backend, *, message_id: str, token: str) -> dict[str, Any]:
    """The list with those of the newest 500 messages, drafts too, that have this Message-ID."""
    listed = backend.json("GET", f"{_BASE}?maxResults=500", token=token)["messages"]
    hits = [one for one in listed if _message_id(backend, one["id"], token) == message_id]
    return {**({"messages": hits} if hits else {}), "resultSizeEstimate": len(hits)}


def _message_id(backend: Backend, gmail_id: str, token: str) -> str:
    asked = "format=metadata&metadataHeaders=Message-ID"
    headers = backend.json("GET", f"{_BASE}/{gmail_id}?{asked}", token=token)["payload"]["headers"]
    return "".join(str(one["value"]).strip("<>") for one in headers)
