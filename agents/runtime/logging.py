"""One JSON line an event, on stdout, where ECS picks it up.

Owns the form of a log line and keeps other libraries' lines out: some of them write request addresses, which
name the customer's mailbox. Callers pass figures and fixed words: no mail text, subject, address or token.
"""

import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from traceback import extract_tb

FieldValue = str | int | float | bool | None


def _to_stdout(line: str) -> None:
    # One write a line: threads must not interleave.
    sys.stdout.write(line)
    sys.stdout.flush()


class RuntimeLog:
    """Writes events of one agent; safe to use from several threads."""

    def __init__(self, *, role: str = "", tenant: str = "", write: Callable[[str], None] = _to_stdout) -> None:
        self._base = {"role": role, "tenant": tenant}
        self._write = write
        self._lock = threading.Lock()

    def info(self, event: str, **fields: FieldValue) -> None:
        """Something happened as it should."""
        self._line("info", event, fields)

    def warning(self, event: str, **fields: FieldValue) -> None:
        """Something failed that a later tick may mend."""
        self._line("warning", event, fields)

    def error(self, event: str, **fields: FieldValue) -> None:
        """Something failed that ends the process."""
        self._line("error", event, fields)

    def _line(self, level: str, event: str, fields: dict[str, FieldValue]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "level": level, "event": event, **self._base, **fields})
        with self._lock:
            self._write(line + "\n")


def silence_libraries() -> None:
    """Afterwards no library's log record reaches stdout or stderr. Safe to repeat."""
    root = logging.getLogger()
    if not any(isinstance(handler, logging.NullHandler) for handler in root.handlers):
        # Without any handler Python prints warnings to stderr by itself.
        root.addHandler(logging.NullHandler())


def place_of(error: BaseException) -> str:
    """Where an exception came from, as `file:line in function` of its innermost frame in this package.

    Its message is left out on purpose: a foreign exception may quote the mail or the row it tripped over.
    """
    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if "agents/runtime" in frame.filename.replace("\\", "/")]
    if not (own or frames):
        return "unknown"
    frame = (own or frames)[-1]
    name = frame.filename.replace("\\", "/").rpartition("/")[2]
    return f"{name}:{frame.lineno} in {frame.name}"
