"""Idempotency keys: a POST that was answered is answered again, not done again.

As with Stripe, what was refused for its parameters may be tried again under the same key. Unlike with Stripe, keys
do not expire.
"""

import threading
from dataclasses import dataclass, replace

from ...emulate import Answer
from . import refusals
from .refusals import Refused


@dataclass(frozen=True)
class _First:
    path: str
    body: bytes
    answer: Answer | None = None


class IdempotencyKeys:
    """All keys since the start of the world. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._firsts: dict[str, _First] = {}

    def begin(self, key: str, *, path: str, body: bytes) -> Answer | None:
        """The answer of before, or None when this is the first. Refused: other parameters, or still in progress."""
        with self._lock:
            first = self._firsts.get(key)
            if first is None:
                self._firsts[key] = _First(path, body)
                return None
            if (first.path, first.body) != (path, body):
                raise Refused(refusals.other_parameters(key))
            if first.answer is None:
                raise Refused(refusals.key_in_use())
            return replace(first.answer, headers={**first.answer.headers, "Idempotent-Replayed": "true"})

    def end(self, key: str, answer: Answer | None) -> None:
        """Keep the answer of a call that was carried out; forget the key of any other."""
        with self._lock:
            if answer is None or answer.status >= 400:
                del self._firsts[key]
            else:
                self._firsts[key] = replace(self._firsts[key], answer=answer)
