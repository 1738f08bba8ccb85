"""Mailboxes as they are at the start of the world: their form, and the demo's, which lie in mailboxes/."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("mailboxes")
INBOX = ("INBOX", "UNREAD")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message. `sender` and `to` as in a header; no `to` means the mailbox's owner."""

    sender: str
    subject: str
    text: str
    hours_ago: float = 1.0
    to: str | None = None
    labels: Sequence[str] = INBOX
    id: str | None = None
    thread: str | None = None
    in_reply_to: str | None = None  # another message's `id`


@dataclass(frozen=True)
class Mailbox:
    """A Google account with mail."""

    email: str
    name: str
    messages: Sequence[Mail] = ()


def demo_mailboxes() -> list[Mailbox]:
    """The accounts that every world has: the demo customers' and one of a stranger."""
    return [_read(path) for path in sorted(FOLDER.glob("*.toml"))]


def seed_document(
    mailboxes: Iterable[Mailbox], *, clients: Sequence[dict[str, Any]], tokens: dict[str, str]
) -> dict[str, Any]:
    """What emulate is started with. `tokens` gives an access token for our own use to each address."""
    mailboxes = list(mailboxes)
    return {
        "tokens": {token: {"login": email, "scopes": []} for email, token in tokens.items()},
        "google": {
            "users": [{"email": box.email, "name": box.name} for box in mailboxes],
            "oauth_clients": list(clients),
            "messages": [_message(box, mail) for box in mailboxes for mail in _oldest_first(box.messages)],
        },
    }


def _read(path: Path) -> Mailbox:
    document = tomllib.loads(path.read_text())
    mails = [
        Mail(sender=item.pop("from"), text=item.pop("text").strip() + "\n", **item) for item in document["messages"]
    ]
    return Mailbox(email=document["email"], name=document["name"], messages=mails)


def _oldest_first(mails: Sequence[Mail]) -> list[Mail]:
    """History ids grow in the order of seeding, as they would have with the mail's arrival."""
    return sorted(mails, key=lambda mail: -mail.hours_ago)


def _message(box: Mailbox, mail: Mail) -> dict[str, Any]:
    moment = datetime.now(UTC) - timedelta(hours=mail.hours_ago)
    known = {
        "id": mail.id,
        "thread_id": mail.thread,
        "user_email": box.email,
        "from": mail.sender,
        "to": mail.to or f"{box.name} <{box.email}>",
        "subject": mail.subject,
        "body_text": mail.text,
        "label_ids": list(mail.labels),
        "date": moment.isoformat(timespec="seconds"),
        "message_id": f"<{mail.id}@mail.example>" if mail.id else None,
        "in_reply_to": f"<{mail.in_reply_to}@mail.example>" if mail.in_reply_to else None,
        "references": f"<{mail.in_reply_to}@mail.example>" if mail.in_reply_to else None,
    }
    return {name: value for name, value in known.items() if value is not None}
