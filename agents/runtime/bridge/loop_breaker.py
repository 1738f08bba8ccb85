"""Ends a conversation that goes in circles. Owns what counts as the same request, and how much is too much."""

import hashlib
import json
import threading
from collections import Counter
from typing import Any, Final

MOST_CALLS: Final = 40
MOST_REPEATS: Final = 4
_LAST_MESSAGES: Final = 2  # a tool call and its result

# They differ from one time to the next, or say nothing about what is asked.
_NOISE: Final = frozenset({"id", "tool_use_id", "cache_control"})


class Looping(Exception):
    """The agent asks the same again and again, or asks too much."""


class LoopBreaker:
    """Counts one turn's calls; safe to use from several threads.

    A request repeats when its last messages are those of an earlier one that was answered: a client that tries a
    failed call again does not loop.
    """

    def __init__(self, *, most_calls: int = MOST_CALLS, most_repeats: int = MOST_REPEATS) -> None:
        self._most_calls = most_calls
        self._most_repeats = most_repeats
        self._calls = 0
        self._answered: Counter[str] = Counter()
        self._lock = threading.Lock()

    def check(self, fingerprint: str) -> None:
        """Before each call; Looping: it must not be made."""
        with self._lock:
            if self._calls >= self._most_calls:
                raise Looping(f"it made {self._most_calls} calls")
            if self._answered[fingerprint] >= self._most_repeats - 1:
                raise Looping(f"it asked the same {self._most_repeats} times")
            self._calls += 1

    def answered(self, fingerprint: str) -> None:
        """The call was answered."""
        with self._lock:
            self._answered[fingerprint] += 1


def fingerprint_of(messages: list[Any]) -> str:
    """What the end of a conversation says, whatever ids its tool calls have."""
    last = _quiet(messages[-_LAST_MESSAGES:])
    return hashlib.sha256(json.dumps(last, sort_keys=True).encode()).hexdigest()


def _quiet(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _quiet(item) for name, item in value.items() if name not in _NOISE}
    return [_quiet(item) for item in value] if isinstance(value, list) else value
