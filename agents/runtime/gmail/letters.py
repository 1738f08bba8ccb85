"""A message with its text, and a conversation of them.

Owns how much of a conversation is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agents.runtime.gmail.body import body_text
from agents.runtime.messages import Message, message_from

FIELDS = "id,threadId,labelIds,snippet,internalDate,payload"
# A tool's answer has 16,000 characters; the rest is for envelopes.
LONGEST_THREAD_CHARS = 14_000
LONGEST_THREAD_LETTERS = 20
# Not said by anybody yet, or thrown away.
_LEFT_OUT = frozenset(("DRAFT", "TRASH", "SPAM"))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message and its text. Its repr shows only Gmail's id."""

    message: Message
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest letters of a conversation, oldest first; `left_out` older ones were too much."""

    letters: list[Letter]
    left_out: int = 0


def letter_from(resource: Mapping[str, Any]) -> Letter:
    """The letter in a `users.messages.get` answer of format `full`. Never fails on what a mail is known to hold."""
    return Letter(message=message_from(resource), body=body_text(resource.get("payload")))


def bare_letter_from(resource: Mapping[str, Any]) -> Letter:
    """The same letter without its text; when even the envelope can't be read, with its ids and nothing else."""
    try:
        return Letter(message=message_from(resource), body="")
    except Exception:
        gmail_id = str(resource.get("id") or "")
        return Letter(
            message=Message(
                gmail_id=gmail_id,
                thread_id=str(resource.get("threadId") or gmail_id),
                sender="",
                recipient="",
                subject="",
                snippet="",
                label_ids=[],
                received_at=datetime.now(UTC),
            ),
            body="",
        )


def thread_of(letters: Sequence[Letter]) -> Thread:
    """As many of the newest as fit, at least one. The order of `letters` is of no matter."""
    said = [letter for letter in letters if not _LEFT_OUT & set(letter.message.label_ids)]
    newest_first = sorted(said, key=lambda letter: letter.message.received_at, reverse=True)
    taken: list[Letter] = []
    left_chars = LONGEST_THREAD_CHARS
    for letter in newest_first[:LONGEST_THREAD_LETTERS]:
        left_chars -= len(letter.body)
        if taken and left_chars < 0:
            break
        taken.append(letter)
    return Thread(letters=taken[::-1], left_out=len(said) - len(taken))
