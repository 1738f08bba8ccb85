"""The emulate process. Owns its seed file and its life; nobody talks to it but the front."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from .. import node
from ..keys import write_private
from ..ledger import Ledger
from ..ports import HOST, free_port
from ..processes import Child

# emulate needs 30 MiB of JavaScript heap; Node would otherwise grow it before it collects.
_HEAP_MIB = 96


class Emulator:
    """emulate on a loopback port of its own choosing. It starts from its seed each time."""

    def __init__(self, *, state_dir: Path, public_url: str, ledger: Ledger | None) -> None:
        self.port = 0
        self._state_dir = state_dir
        self._public_url = public_url
        self._ledger = ledger
        self._child: Child | None = None

    def start(self, seed: dict[str, Any]) -> None:
        """It listens when this returns. DevstackError when Node or emulate can't be had."""
        node.ensure_installed()
        self.port = free_port(taken=set())
        seed_file = self._state_dir / "google-seed.json"
        write_private(seed_file, json.dumps(seed, indent=1))
        self._child = Child(
            "emulate (Google)",
            [
                str(node.node()),
                f"--max-old-space-size={_HEAP_MIB}",
                str(node.script("emulate", "dist/index.js")),
                *("start", "--service", "google", "--host", HOST, "--port", str(self.port)),
                *("--seed", str(seed_file), "--base-url", self._public_url),
            ],
            env={"PATH": os.defpath, "HOME": str(self._state_dir)},
            cwd=self._state_dir,
            log=self._state_dir / "logs" / "google.log",
            ledger=self._ledger,
        )
        self._child.start()
        self._child.wait_until(self._listens, timeout_seconds=20)

    def stop(self) -> None:
        if self._child:
            self._child.stop(grace_seconds=3)

    def rss_mib(self) -> float:
        return self._child.rss_mib() if self._child else 0.0

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0
