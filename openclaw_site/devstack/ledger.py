"""Remembers which processes the world started, so that the next start can end what a crash left behind."""

import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path

from .proctable import born_at


class Ledger:
    """A small file of process ids with their birth times. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._born: dict[int, float] = {}

    def record(self, pid: int) -> None:
        """Remember a process; one that has already ended is left out."""
        born = born_at(pid)
        if born is not None:
            with self._lock:
                self._born[pid] = born
                self._write()

    def forget(self, pid: int) -> None:
        """Drop a process that was seen to end."""
        with self._lock:
            if self._born.pop(pid, None) is not None:
                self._write()

    def end_leftovers(self) -> int:
        """Kill the groups of processes that an earlier world recorded and that still live; returns how many.

        A process id that now belongs to someone else is told apart by its birth time.
        """
        leftovers = self._still_running()
        for pid in leftovers:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while any(born_at(pid) is not None for pid in leftovers) and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._lock:
            self._born.clear()
            self._write()
        if leftovers:
            time.sleep(0.1)  # those who watched over a killed parent (PostgreSQL's) leave a moment later
        return len(leftovers)

    def _still_running(self) -> list[int]:
        try:
            recorded = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return []
        found = []
        for pid, born in recorded.items():
            now = born_at(int(pid))
            if now is not None and abs(now - born) < 1:
                found.append(int(pid))
        return found

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._born))
