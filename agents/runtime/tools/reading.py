"""Reading mail, as Butler and Scout do: lists of what is stored, texts from Gmail."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from agents.runtime.store.mail import StoredMessage
from agents.runtime.tools.arguments import LINE, Arguments, GmailId, one_line, some_lines
from agents.runtime.tools.outcome import Outcome
from agents.runtime.tools.results import cut, fitting, from_outside, short
from agents.runtime.tools.tool import Answer, Desk, Refusal

MOST_LISTED = 50
LONGEST_ADDRESS_CHARS = 120
LONGEST_SUBJECT_CHARS = 160
LONGEST_SNIPPET_CHARS = 200

After = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
        description="gmail_id of the last message of the page before; only when that page said more.",
    ),
    LINE,
]


class ReadMessage(Arguments):
    gmail_id: Annotated[GmailId, Field(description="A gmail_id that list_messages gave.")]


def read_message(desk: Desk, arguments: ReadMessage) -> Answer:
    """A stored message with its text."""
    message = stored(desk, arguments.gmail_id)
    text = some_lines(desk.mailbox.body(message.gmail_id, desk.patience))
    content = {**envelope(message), "text": cut(text) or "[no text: the mail is empty, or was deleted]"}
    return Answer(
        content=from_outside(desk.mark, content),
        outcome=Outcome.DONE if text else Outcome.EMPTY,
        counts={"characters": len(text)},
    )


def listing(desk: Desk, after: str, find: Callable[[int, str | None], Sequence[StoredMessage]]) -> Answer:
    """A page of messages, as `find(limit, after)` finds them; the first one when `after` is empty."""
    if after:
        stored(desk, after)
    found = find(MOST_LISTED + 1, after or None)
    rows = fitting(row_of(message) for message in found[:MOST_LISTED])
    content: dict[str, Any] = {"messages": rows}
    if rows:
        content = from_outside(desk.mark, content)
    if len(rows) < len(found):
        content["more"] = f"There are more: call again with after={rows[-1]['gmail_id']}"
    return Answer(content=content, outcome=Outcome.DONE if rows else Outcome.EMPTY, counts={"messages": len(rows)})


def stored(desk: Desk, gmail_id: str) -> StoredMessage:
    """The message that the customer has stored; Refusal when there is none."""
    message = desk.store.mail.get(gmail_id)
    if message is None:
        raise Refusal(Outcome.NOT_FOUND, "There is no such message. Use a gmail_id that list_messages gave.")
    return message


def row_of(message: StoredMessage) -> dict[str, Any]:
    """A message in a list; its class once it has one."""
    row = {**envelope(message), "snippet": short(one_line(message.snippet), LONGEST_SNIPPET_CHARS)}
    if message.category:
        row |= {"category": message.category, "urgency": message.urgency, "needs_reply": message.needs_reply}
    return row


def envelope(message: StoredMessage) -> dict[str, Any]:
    """What stands on the outside of a mail."""
    return {
        "gmail_id": message.gmail_id,
        "received_at": message.received_at.isoformat(timespec="minutes"),
        "sender": short(one_line(message.sender), LONGEST_ADDRESS_CHARS),
        "subject": short(one_line(message.subject), LONGEST_SUBJECT_CHARS),
    }
