"""Child processes that never outlive us. Owns starting, stopping and measuring one; not what it runs.

Each child leads its own session and process group, so a Ctrl-C at the terminal reaches only us and we stop
the children in our order; and it is told by the kernel when we die (see launcher.py).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import DevstackError
from .ledger import Ledger
from .proctable import rss_mib

LAUNCHER = Path(__file__).with_name("launcher.py")

# The kernel's death signal fires when the *thread* that forked ends, so all children are born in one thread
# that lives as long as the interpreter.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="devstack-spawner")


@dataclass(frozen=True)
class Account:
    """The system user a child runs as."""

    uid: int
    gid: int


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    stdout: int | IO[bytes],
    death_signal: int = signal.SIGKILL,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program (argv[0] is its full path) in a session of its own, bound to our life.

    Its stderr joins its stdout.
    """
    who = account or Account(-1, -1)
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
    numbers = [str(int(death_signal)), str(os.getpid()), str(who.uid), str(who.gid)]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*launcher, *numbers, *argv],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    return _SPAWNER.submit(start).result()


def signal_group(pid: int, number: int) -> None:
    """Send a signal to every process in the group that `pid` leads or led, if any is left."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        # PermissionError is what macOS says of a group of zombies.
        return


class Child:
    """A supervised program with a log file. start() and stop() may be called again and again, in turn."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        ledger: Ledger | None = None,
        account: Account | None = None,
        stop_signal: int = signal.SIGTERM,
        death_signal: int = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = list(argv)
        self._env = dict(env)
        self._cwd = cwd
        self._ledger = ledger
        self._account = account
        self._stop_signal = stop_signal
        self._death_signal = death_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """Exit code of the last run; negative signal number if one ended it; None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it; its output is added to the log. DevstackError when the program does not exist."""
        if self.alive:
            return
        if not os.access(self._argv[0], os.X_OK):
            raise DevstackError(
                f"{self.name}: the program {self._argv[0]} is missing or may not be run.",
                "Install the environment again with `make env`.",
            )
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = spawn(
                self._argv,
                env=self._env,
                cwd=self._cwd,
                stdout=output,
                death_signal=self._death_signal,
                account=self._account,
            )
        if self._ledger:
            self._ledger.record(self._process.pid)

    def stop(self, grace_seconds: float = 10.0) -> None:
        """Ask it to stop, kill its group after the grace. Afterwards none of it runs. Safe to repeat."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(timeout=grace_seconds)
            except subprocess.TimeoutExpired:
                signal_group(self._process.pid, signal.SIGKILL)
                self._process.wait()
        signal_group(self._process.pid, signal.SIGKILL)
        if self._ledger:
            self._ledger.forget(self._process.pid)

    def kill(self) -> None:
        """SIGKILL the whole group, as a crash would, and reap it."""
        if self._process is not None:
            signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait(self, timeout_seconds: float | None = None) -> int:
        """Exit code once it ended; subprocess.TimeoutExpired if it did not."""
        if self._process is None:
            raise DevstackError(f"{self.name} was not started.")
        return self._process.wait(timeout=timeout_seconds)

    def rss_mib(self) -> float:
        """Memory in MiB of it and its children; 0 when it does not run."""
        return rss_mib(self._process.pid) if self._process and self.alive else 0.0

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of its log, for an error message."""
        try:
            text = self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def wait_until(self, ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Return once ready() is true; DevstackError if it ends first or takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            if not self.alive:
                raise DevstackError(
                    f"{self.name} ended with code {self.returncode} while starting:\n{self.log_tail()}",
                    f"The whole log is {self.log}.",
                )
            if time.monotonic() > deadline:
                self.stop(grace_seconds=2)
                raise DevstackError(
                    f"{self.name} was not ready after {timeout_seconds:.0f} s.", f"Its log is {self.log}."
                )
            time.sleep(0.02)
