"""The engine's processes, read from /proc: who they are, how much memory they use, and their end.

Owns finding them: the session that the first of them leads and, where the engine has a user of its own, whatever runs
as that user. Where there is no /proc nothing is found, and only the session's process group is killed.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_GONE_SECONDS: Final = 1.5


@dataclass(frozen=True, slots=True)
class Family:
    """`leader` leads the session and its process group; `uid` is a user that only engines have. None: not known."""

    leader: int | None
    uid: int | None

    def members(self) -> list[int]:
        """The processes that run; not those that ended and wait to be reaped."""
        return [pid for pid in _pids() if self._has(pid)]

    def rss_mib(self) -> float:
        """Resident memory of all members; what they share with files is counted in the leader's part alone."""
        pages = 0
        for pid in self.members():
            with contextlib.suppress(OSError, ValueError, IndexError):
                figures = (_PROC / str(pid) / "statm").read_text().split()
                pages += int(figures[1]) - (0 if pid == self.leader else int(figures[2]))
        return pages * _PAGE_BYTES / 2**20

    def kill(self) -> None:
        """Afterwards none of them runs. Safe to repeat; reaps those that were left to us, but not the leader."""
        deadline = time.monotonic() + _GONE_SECONDS
        orphans: set[int] = set()
        while True:
            if self.leader is not None:
                _signal_group(self.leader)
            left = self.members()
            orphans.update(left)
            for pid in left:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            if not left or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        for pid in orphans - {self.leader}:
            # As PID 1 we inherit them; elsewhere they are somebody else's.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def _has(self, pid: int) -> bool:
        try:
            # After the name in brackets, which may hold anything: state, parent, group, session.
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            if fields[0] == "Z":
                return False
            return int(fields[3]) == self.leader or (
                self.uid is not None and (_PROC / str(pid)).stat().st_uid == self.uid
            )
        except (OSError, ValueError, IndexError):
            return False


def _pids() -> list[int]:
    try:
        return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    except OSError:
        return []


def _signal_group(leader: int) -> None:
    # PermissionError is what macOS says of a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
