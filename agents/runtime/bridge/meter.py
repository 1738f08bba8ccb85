"""How many tokens the model's answers used, read from the answers themselves as they pass.

Owns the reading of `usage`, whole and streamed, and the sum. What tokens cost is `prices`'s matter.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# An event longer than this is passed on but not read; those that hold usage have a few hundred bytes.
MOST_EVENT_BYTES: Final = 1024 * 1024

_NAMES: Final = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Answers and tokens; `input_tokens` are those neither read from the cache nor written to it."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
        )


class Meter:
    """The sum of all answers so far; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = Usage()

    @property
    def total(self) -> Usage:
        with self._lock:
            return self._total

    def add(self, usage: Usage) -> None:
        with self._lock:
            self._total += usage


class AnswerMeter:
    """Reads one answer's usage from its server-sent events, in pieces of any size.

    `complete` says whether the model said that it was done, `refused` whether it ended with an error instead.
    """

    def __init__(self) -> None:
        self.complete = False
        self.refused = False
        self._counts: dict[str, int] = {}
        self._rest = b""

    @property
    def usage(self) -> Usage:
        """What the answer used, as far as it was read."""
        return Usage(calls=1, **self._counts)

    def feed(self, piece: bytes) -> None:
        """The next bytes of the answer. Never raises: what is no event counts for nothing."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MOST_EVENT_BYTES:
            self._rest = b""
        for line in lines:
            if line.startswith(b"data:") and len(line) <= MOST_EVENT_BYTES and b"content_block_delta" not in line:
                self._read(line[5:])

    def _read(self, data: bytes) -> None:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(event, dict):
            return
        self.complete = self.complete or event.get("type") == "message_stop"
        self.refused = self.refused or event.get("type") == "error"
        message = event.get("message")
        for holder in (message, event):
            if isinstance(holder, dict):
                self._counts.update(_counts(holder.get("usage")))


def usage_of(answer: Mapping[str, Any]) -> Usage:
    """The usage of a whole answer."""
    return Usage(calls=1, **_counts(answer.get("usage")))


def _counts(usage: Any) -> dict[str, int]:
    """Our names and Anthropic's numbers; the last event that names one is right, as they are running totals."""
    if not isinstance(usage, dict):
        return {}
    return {ours: usage[theirs] for theirs, ours in _NAMES.items() if type(usage.get(theirs)) is int}
