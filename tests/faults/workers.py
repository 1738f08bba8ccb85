"""Real Celery workers on the queue `provisioning`, as processes that can be stopped, continued and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parent.parent.parent
LEASE_SECONDS = 1


def wait_for(condition: Callable[[], Any], *, seconds: float = 20, what: str = "the condition") -> Any:
    """The first true value of `condition`; AssertionError when there was none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come true within {seconds} s")


class Worker:
    """One worker process with a short lease. `environment` goes over the test's own. A context manager."""

    def __init__(self, **environment: str) -> None:
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "openclaw_site.settings.test",
            "PROVISIONING_LEASE_SECONDS": str(LEASE_SECONDS),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed at exit)

    def __enter__(self) -> Self:
        command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "openclaw_site", "worker"]
        command += ["-Q", "provisioning", "--pool", "solo", "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()
        self._log.close()

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process
        return self._process

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and gone."""
        self.process.kill()
        self.process.wait()
