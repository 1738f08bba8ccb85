"""Calls to Gmail that put a draft into a thread. Nothing here can send.

Owns the message's form and what Gmail's answers mean for a draft. Knows no tables; no error here holds a word of a
mail. Source of the rules for threads: Gmail API guide, "Manage threads".
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import httpx
from django.conf import settings

from tenants.gmail.google import SCOPE_MISSING, TIMEOUT_SECONDS, GmailTrouble, access_token, gmail_answer

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
# As many as a header should carry; readers need the newest.
_MOST_REFERENCES = 20
_UNSAID = frozenset(("DRAFT", "TRASH", "SPAM"))
# What mail programs put before the subject of an answer (German ones AW), and before that of what they pass on.
_ANSWERED = r"(?:re|aw)"
_PREFIXES = re.compile(rf"^(?:\s*(?:{_ANSWERED}|fwd?|wg)\s*:)+", re.IGNORECASE)
_IS_ANSWER = re.compile(rf"\s*{_ANSWERED}\s*:", re.IGNORECASE)


class DraftRefused(Exception):
    """Gmail does not take this draft, and asking again won't help."""

    def __init__(self, message: str, *, next_action: str) -> None:
        super().__init__(message)
        self.next_action = next_action


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the draft says, and in which thread. `message_id` is always the same for the same draft."""

    message_id: str
    thread_id: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the draft lies: Gmail's id of its message, the subject that it has there, and in which thread."""

    message_id: str
    thread_id: str
    subject: str = field(repr=False)


def put(secret: Mapping[str, Any], letter: Letter) -> Placed:
    """The letter is a draft in Gmail, once, in its thread if Gmail takes it there. Four calls. Safe to repeat.

    Gmail takes only what has the thread's subject, so another subject is replaced by that. A draft that an earlier call
    left anywhere in the mailbox is found by its Message-ID. Raises DraftRefused or ConsentGone when a person has to do
    something, GmailTrouble when it may go another time.
    """
    with httpx.Client(
        base_url=f"{settings.GMAIL_API_ENDPOINT.rstrip('/')}/gmail/v1/users/me/",
        headers={"Authorization": f"Bearer {access_token(secret)}"},
        timeout=TIMEOUT_SECONDS,
    ) as client:
        messages = _thread(client, letter.thread_id)
        answered = _last_said(messages)
        subject = _subject(letter.subject, conversation=_header(answered, "Subject") if answered else "")
        placed = _earlier(client, letter, messages)
        if placed is None:
            mail = _as_mail(replace(letter, subject=subject), answered=answered)
            asked = {"raw": base64.urlsafe_b64encode(mail).decode(), "threadId": letter.thread_id}
            placed = _ask(client, "POST", "drafts", json={"message": asked}).get("message")
    return _placed(placed, subject=subject)


def _thread(client: httpx.Client, thread_id: str) -> list[dict[str, Any]]:
    wanted = [("metadataHeaders", name) for name in ("Message-ID", "References", "Subject")]
    answer = _ask(client, "GET", f"threads/{thread_id}", params=[("format", "metadata"), *wanted])
    found: list[dict[str, Any]] = answer.get("messages") or []
    return found


def _earlier(client: httpx.Client, letter: Letter, thread: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The letter's message where an earlier call left it; the search may be some seconds behind, the thread isn't."""
    for message in thread:
        if _header(message, "Message-ID") == letter.message_id:
            return message
    query = {"q": f"rfc822msgid:{letter.message_id.strip('<>')}"}
    found: list[dict[str, Any]] = _ask(client, "GET", "messages", params=query).get("messages") or []
    return next(iter(found), None)


def _placed(message: Any, *, subject: str) -> Placed:
    try:
        return Placed(message_id=str(message["id"]), thread_id=str(message["threadId"]), subject=subject)
    except (KeyError, TypeError):
        # The draft may be there: the next try finds it.
        raise GmailTrouble("Gmail's answer does not say where the draft is.") from None


def _subject(wanted: str, *, conversation: str) -> str:
    """`wanted` if it is the conversation's but for “Re:” and the like, or else the conversation's own, as an answer."""
    theirs = " ".join(_readable(conversation).split())
    if not theirs or _bare(wanted) == _bare(theirs):
        return wanted
    return theirs if _IS_ANSWER.match(theirs) else f"Re: {theirs}"


def _readable(header: str) -> str:
    """The header with its encoded words, if it has any, decoded."""
    try:
        return str(make_header(decode_header(header)))
    except (LookupError, ValueError, MessageError):
        return header


def _bare(subject: str) -> str:
    return " ".join(_PREFIXES.sub("", subject).split()).casefold()


def _last_said(messages: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest message that somebody really sent."""
    said = [message for message in messages if not _UNSAID & set(message.get("labelIds") or [])]
    return max(said, key=lambda message: int(message.get("internalDate") or 0), default=None)


def _header(message: Mapping[str, Any], name: str) -> str:
    for header in (message.get("payload") or {}).get("headers") or []:
        if str(header.get("name", "")).lower() == name.lower():
            return str(header.get("value", ""))
    return ""


def _as_mail(letter: Letter, *, answered: Mapping[str, Any] | None) -> bytes:
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"], mail["To"], mail["Subject"] = letter.sender, letter.recipient, letter.subject
        mail["Message-ID"] = letter.message_id
        if answered is not None and (parents := _MESSAGE_ID.findall(_header(answered, "Message-ID"))):
            earlier = _MESSAGE_ID.findall(_header(answered, "References"))
            mail["In-Reply-To"] = parents[0]
            mail["References"] = " ".join([*earlier, parents[0]][-_MOST_REFERENCES:])
        mail.set_content(letter.body)
        return mail.as_bytes()
    except (ValueError, UnicodeError):
        raise DraftRefused(
            "The draft's address or subject can't stand in a mail.",
            next_action="Copy the text and write the mail in Gmail yourself.",
        ) from None


def _ask(client: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
    return gmail_answer(lambda: client.request(method, path, **more), refused=_refusal)


def _refusal(status: int, reasons: set[str]) -> Exception:
    if reasons & SCOPE_MISSING:
        return DraftRefused(
            "The permission to put drafts into Gmail is missing.",
            next_action="Connect Gmail again and tick that approved drafts are put into it.",
        )
    if status == 404:
        return DraftRefused(
            "The conversation is no longer in Gmail.", next_action="Open the draft in Gmail as a new mail instead."
        )
    return DraftRefused(
        f"Gmail did not take the draft ({status}).", next_action="Open the draft in Gmail as a new mail instead."
    )
