"""What the tools ask of a mailbox: texts of mail, which are not stored. `agents.runtime.gmail` has it."""

from collections.abc import Sequence
from typing import Protocol

from agents.runtime.messages import Message
from agents.runtime.retry import Patience


class Letter(Protocol):
    """A message with its text."""

    @property
    def message(self) -> Message: ...

    @property
    def body(self) -> str: ...


class Conversation(Protocol):
    """The newest letters of a thread, oldest first; `left_out` older ones were too much."""

    @property
    def letters(self) -> Sequence[Letter]: ...

    @property
    def left_out(self) -> int: ...


class MailSource(Protocol):
    """A mailbox that can be read. Called from one thread at a time. Raises Failure and Stopped."""

    def body(self, gmail_id: str, patience: Patience) -> str | None:
        """The message's text; empty or None when there is none (any more)."""

    def seen(self, gmail_id: str) -> str:
        """As much of the message's text as was asked for in this tick; empty when it was not. Asks nobody."""

    def thread(self, thread_id: str, patience: Patience) -> Conversation | None:
        """The thread's letters; none when it is gone."""
