"""The emulate process. Owns its seed file and its life; nobody talks to it but the fronts."""

import json
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import node
from ..keys import write_private
from ..ledger import Ledger
from ..ports import HOST, free_port
from ..processes import Child
from .backend import Backend

# emulate needs 30 MiB of JavaScript heap; Node would otherwise grow it before it collects.
_HEAP_MIB = 96


@dataclass(frozen=True)
class _Service:
    name: str
    url: str
    seed: Callable[[], dict[str, Any]]
    backend: Backend


class Emulate:
    """emulate on loopback ports of its own choosing, one a service. It starts from its seed each time."""

    def __init__(self, *, state_dir: Path, ledger: Ledger | None = None) -> None:
        self._state_dir = state_dir
        self._ledger = ledger
        self._services: list[_Service] = []
        self._lock = threading.Lock()
        self._child: Child | None = None

    def join(self, service: str, *, url: str, seed: Callable[[], dict[str, Any]]) -> Backend:
        """Play this service from the next start on; returns the way to it.

        `url` is what it says of itself in its pages; `seed` makes its part of the seed file, under its name.
        """
        backend = Backend()
        self._services.append(_Service(service, url, seed, backend))
        return backend

    def start(self) -> None:
        """Every service listens when this returns. Safe to repeat and from several threads at a time.

        DevstackError when Node or emulate can't be had.
        """
        with self._lock:
            if self._child is None:
                node.ensure_installed()
                self._child = self._make_child()
                self._child.start()
                self._child.wait_until(self._listens, timeout_seconds=20)

    def stop(self) -> None:
        """No process is left. Safe to repeat."""
        with self._lock:
            if self._child:
                self._child.stop(grace_seconds=3)
                self._child = None

    def rss_mib(self) -> float:
        return self._child.rss_mib() if self._child else 0.0

    def _make_child(self) -> Child:
        seed_file = self._state_dir / "emulate-seed.json"
        write_private(seed_file, json.dumps(self._seed(), indent=1))
        return Child(
            "emulate",
            [
                str(node.node()),
                f"--max-old-space-size={_HEAP_MIB}",
                str(node.script("emulate", "dist/index.js")),
                *("start", "--service", ",".join(service.name for service in self._services)),
                *("--host", HOST, "--seed", str(seed_file)),
            ],
            env={"PATH": os.defpath, "HOME": str(self._state_dir)},
            cwd=self._state_dir,
            log=self._state_dir / "logs" / "emulate.log",
            ledger=self._ledger,
        )

    def _seed(self) -> dict[str, Any]:
        """All services' parts, with a free port for each."""
        document: dict[str, Any] = {}
        ports: set[int] = set()
        for service in self._services:
            service.backend.port = free_port(taken=ports)
            ports.add(service.backend.port)
            document |= service.seed()
            document[service.name] |= {"port": service.backend.port, "baseUrl": service.url}
        return document

    def _listens(self) -> bool:
        for service in self._services:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, service.backend.port)) != 0:
                    return False
        return True
