"""What a provisioning step is, and how it says that it is not done.

A step runs in the platform's context, outside any transaction. It may be killed anywhere and is then applied again:
`apply` must end in the same state however often and however far it ran before. `verify` asks the outside, never our
own records. `undo` may be called when nothing was made.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from tenants.models import Customer

Found = dict[str, Any]


class StepError(Exception):
    """Why a step is not done. `next_action` tells a person what to do, or what will happen by itself."""

    def __init__(self, message: str, *, next_action: str) -> None:
        super().__init__(message)
        self.next_action = next_action


class StepRetry(StepError):
    """It can succeed later without anybody's help: throttling, propagation, something not reachable."""


class StepWaiting(StepError):
    """Nothing is wrong: it waits for something that will wake it (Gmail consent) or soon be there (a run's end).

    `poll_seconds` says when to look again by itself; None means when it is woken.
    `person` says that it waits for a person outside, which may take days.
    """

    def __init__(
        self, message: str, *, next_action: str, poll_seconds: float | None = None, person: bool = False
    ) -> None:
        super().__init__(message, next_action=next_action)
        self.poll_seconds = poll_seconds
        self.person = person


class StepFailed(StepError):
    """Trying again alone won't help: a person must change something, then press retry."""


class Step(ABC):
    """One thing that a customer needs. `name` is what the records say; `title` is what people read."""

    name: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def apply(self, customer: Customer) -> Found:
        """Make it so. Returns what now stands: names and ARNs, never secrets. Raises StepError, AwsError."""

    @abstractmethod
    def verify(self, customer: Customer) -> None:
        """Raise StepError unless the outside shows that it is so."""

    @abstractmethod
    def undo(self, customer: Customer) -> Found:
        """Take it away. Returns what was found and deleted. Safe to repeat; nothing there is no error."""

    def remains(self, customer: Customer) -> list[str]:
        """What of it the outside still shows after `undo`: empty when nothing. Asked again before a customer is closed.

        A step that makes nothing outside our own tables has nothing to look for.
        """
        del customer
        return []
