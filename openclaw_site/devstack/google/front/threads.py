"""Which drafts Gmail takes into the conversation that they name. emulate takes every one.

Source: "Manage threads" of the Gmail API guide: the subjects must match, and References or In-Reply-To must lead there.
"""

import base64
import json
import re
import uuid
from email import message_from_bytes, policy
from email.message import Message
from typing import Any
from urllib.parse import quote

from ...emulate.backend import Backend
from .mime import readable

_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|fwd?|wg)\s*:)+", re.IGNORECASE)


def settled(backend: Backend, body: bytes, *, token: str) -> bytes:
    """The request for a draft, with a conversation of its own where it doesn't belong into the one that it names."""
    document = json.loads(body)
    asked = document.get("message") or {}
    thread_id, raw = str(asked.get("threadId") or ""), str(asked.get("raw") or "")
    headers = {"Authorization": f"Bearer {token}"}
    found = backend.forward("GET", f"/gmail/v1/users/me/threads/{quote(thread_id, safe='')}", headers, b"")
    if not thread_id or found.status != 200:
        return body
    mail = message_from_bytes(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)), policy=policy.default)
    if not _belongs(mail, found.json()["messages"]):
        asked["threadId"] = uuid.uuid4().hex[:16]
    return json.dumps(document).encode()


def _belongs(mail: Message, thread: list[dict[str, Any]]) -> bool:
    parents = {*str(mail["References"] or "").split(), *str(mail["In-Reply-To"] or "").split()}
    subject = _bare(str(mail["Subject"] or ""))
    return any(_header(one, "Message-ID") in parents for one in thread) and any(
        _bare(_header(one, "Subject")) == subject for one in thread
    )


def _header(message: dict[str, Any], name: str) -> str:
    headers = message["payload"]["headers"]
    return next((readable(str(one["value"])) for one in headers if one["name"].lower() == name.lower()), "")


def _bare(subject: str) -> str:
    return " ".join(_PREFIXES.sub("", subject).split()).casefold()
