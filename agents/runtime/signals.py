"""What the main thread waits for: the word to stop, or the worker's end.

Owns the signal handlers. Imports nothing heavy, so that the process listens before it loads anything: as PID
1 it would otherwise never hear an early SIGTERM.
"""

import signal
import time
from enum import Enum
from queue import Empty, SimpleQueue
from types import FrameType


class Notice(Enum):
    """STOP: SIGTERM or SIGINT came. ENDED: the worker is done."""

    STOP = "stop"
    ENDED = "ended"


class Inbox:
    """Notices in the order in which they came.

    A SimpleQueue, because its put may interrupt a get of the same thread, as a signal handler does; an
    Event's set may deadlock there.
    """

    def __init__(self) -> None:
        self._notices: SimpleQueue[Notice] = SimpleQueue()

    def listen(self) -> None:
        """Afterwards SIGTERM and SIGINT are notices. Main thread only; safe to repeat."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def put(self, notice: Notice) -> None:
        """Leaves a notice; from any thread."""
        self._notices.put(notice)

    def next(self) -> Notice:
        """Waits for a notice."""
        return self._notices.get()

    def ended_within(self, seconds: float) -> bool:
        """Whether the worker's end comes in time; further words to stop change nothing."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                if self._notices.get(timeout=left) is Notice.ENDED:
                    return True
            except Empty:
                break
        return False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._notices.put(Notice.STOP)
