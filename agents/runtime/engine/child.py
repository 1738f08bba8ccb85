"""The engine's process: started, watched against its limits, ended with all its descendants.

Owns when it has to end before its time, and under which name. What it is told is `order`'s, what it said `envelope`'s.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from agents.runtime.engine.family import Family
from agents.runtime.engine.launch import FOLDER_TAKEN, MISSING
from agents.runtime.engine.order import Limits
from agents.runtime.engine.output import Output
from agents.runtime.engine.seats import Seat
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped

LAUNCHER: Final = Path(__file__).with_name("launch.py")

_LOOK_SECONDS: Final = 0.1
_REMOVE_SECONDS: Final = 10.0


class Child:
    """The engine's process with its readers and its family."""

    def __init__(self, order: Mapping[str, object], limits: Limits, seat: Seat) -> None:
        self._limits = limits
        self.peak_rss_mib = 0.0
        self._deadline = time.monotonic() + limits.timeout_seconds
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER)],
            env={},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._family = Family(leader=self.process.pid, uid=seat.uid)
        assert self.process.stdin and self.process.stdout and self.process.stderr  # noqa: S101 - they are pipes
        self.output = Output(self.process.stdout, self.process.stderr, limit_bytes=limits.output_bytes)
        with suppress(BrokenPipeError), self.process.stdin as stdin:
            stdin.write(json.dumps(order).encode())

    def watch(self, pause: Callable[[float], bool]) -> None:
        """Returns when the process ended by itself; raises Stopped or the Failure of the limit that it ran into."""
        while self.process.poll() is None:
            if pause(_LOOK_SECONDS):
                raise Stopped
            used_mib = self._family.rss_mib()
            self.peak_rss_mib = max(self.peak_rss_mib, used_mib)
            if used_mib > self._limits.memory_mib:
                raise Failure(
                    Exit.ENGINE_OUT_OF_MEMORY,
                    f"{used_mib:.0f} MiB in use, {self._limits.memory_mib} allowed",
                    retryable=True,
                )
            if self.output.too_much:
                raise self._wrote_too_much()
            if time.monotonic() > self._deadline:
                raise Failure(
                    Exit.ENGINE_TIMEOUT, f"no end within {self._limits.timeout_seconds} seconds", retryable=True
                )

    def end(self) -> None:
        """Afterwards nothing of it runs. Safe to repeat."""
        self._family.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        self.output.finish()

    def raise_for_exit(self) -> None:
        """Raises the Failure of an end that left no envelope to read."""
        code = self.process.returncode
        if code == MISSING:
            raise Failure(Exit.ENGINE_MISSING, "the engine's user can't read the files of ENGINE_COMMAND")
        if code == FOLDER_TAKEN:
            raise Failure(Exit.ENGINE_FAILED, "the engine's folder could not be made", retryable=True)
        if self.output.too_much:
            raise self._wrote_too_much()
        if self.output.heap_is_full:
            raise Failure(
                Exit.ENGINE_OUT_OF_MEMORY, f"its heap of {self._limits.heap_mib} MiB was full", retryable=True
            )
        if code < 0:
            raise Failure(Exit.ENGINE_FAILED, f"the engine was ended by signal {-code}", retryable=True)

    def _wrote_too_much(self) -> Failure:
        return Failure(
            Exit.ENGINE_FAILED, f"the engine wrote more than {self._limits.output_bytes} bytes", retryable=True
        )


def remove_folder(seat: Seat) -> None:
    """Nothing of the engine's files is left. Safe to repeat."""
    work = {"do": "remove", "uid": seat.uid, "folder": str(seat.folder)}
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCHER)],
            input=json.dumps(work).encode(),
            env={},
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_REMOVE_SECONDS,
        )
