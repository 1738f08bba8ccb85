"""Trying again what a busy or briefly unreachable Gmail turned down.

Owns the pauses and their bound for one tick. Which errors are worth another try is the caller's knowledge: it
raises `Transient` for those.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped

T = TypeVar("T")

BUDGET_SECONDS = 15.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 4.0


class Transient(Exception):
    """Worth another try; `after_seconds` is the pause the server asked for, 0 when it asked for none."""

    def __init__(self, detail: str, *, after_seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.after_seconds = after_seconds


class Patience:
    """The time one tick may spend on failed attempts and the pauses after them, over all its calls.

    `pause(seconds)` waits and says whether the process was told to stop meanwhile.
    """

    def __init__(self, *, pause: Callable[[float], bool | None], budget_seconds: float = BUDGET_SECONDS) -> None:
        self._pause = pause
        self._left_seconds = budget_seconds

    def call(self, operation: Callable[[], T]) -> T:
        """The operation's result, tried again with growing, scattered pauses while it raises Transient.

        Raises Failure(GMAIL_UNREACHABLE) when the patience is used up and Stopped when told to stop in a
        pause; any other exception passes through.
        """
        attempt = 0
        while True:
            started = time.monotonic()
            try:
                return operation()
            except Transient as error:
                attempt += 1
                self._left_seconds -= time.monotonic() - started
                self._wait(error, attempt)

    def _wait(self, error: Transient, attempt: int) -> None:
        ceiling = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        # Scattered over half its length, so that agents turned down together do not come back together.
        pause_seconds = max(error.after_seconds, ceiling * random.uniform(0.5, 1.0))  # noqa: S311
        if pause_seconds >= self._left_seconds:
            raise Failure(Exit.GMAIL_UNREACHABLE, f"{error.detail} ({attempt} attempts)", retryable=True) from error
        self._left_seconds -= pause_seconds
        if self._pause(pause_seconds):
            raise Stopped
