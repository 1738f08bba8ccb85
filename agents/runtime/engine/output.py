"""What the engine writes, taken from its pipes as it comes, within bounds and without keeping what may quote mail.

Owns the two readers. Standard output is kept up to a size, standard error is searched, never kept.
"""

import threading
from collections.abc import Callable
from typing import IO, Final

_CHUNK: Final = 65_536
_JOIN_SECONDS: Final = 2.0
# What V8 says before it aborts.
_HEAP_IS_FULL: Final = b"heap out of memory"


class Output:
    """Reads both pipes in threads until they end or `finish` is called."""

    def __init__(self, stdout: IO[bytes], stderr: IO[bytes], *, limit_bytes: int) -> None:
        self._kept = bytearray()
        self._limit_bytes = limit_bytes
        self._pipes = (stdout, stderr)
        self._tail = b""
        self.too_much = False
        self.heap_is_full = False
        self._threads = [
            threading.Thread(target=_read, args=(stdout, self._keep), daemon=True),
            threading.Thread(target=_read, args=(stderr, self._search), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> bytes:
        """Standard output, whole once the program ended; at most the limit."""
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        for pipe, thread in zip(self._pipes, self._threads, strict=True):
            if not thread.is_alive():
                pipe.close()
        return bytes(self._kept)

    def _keep(self, chunk: bytes) -> None:
        room = self._limit_bytes - len(self._kept)
        self._kept += chunk[:room]
        # Read on all the same: a program that can't write would wait for us.
        self.too_much = self.too_much or len(chunk) > room

    def _search(self, chunk: bytes) -> None:
        self.heap_is_full = self.heap_is_full or _HEAP_IS_FULL in self._tail + chunk
        self._tail = chunk[-len(_HEAP_IS_FULL) :]


def _read(pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
    while chunk := pipe.read1(_CHUNK):  # type: ignore[attr-defined]
        take(chunk)
