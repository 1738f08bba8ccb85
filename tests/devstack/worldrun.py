"""A world in a process of its own (`python -m tests.devstack.worldrun STATE_DIR [name=port ...]`), for test_world.

Prints one JSON line with the ids of its processes once it stands, then waits for a signal. moto's state is global
to a process, so the tests' own world can't be started and stopped beside itself.
"""

import json
import signal
import sys
import threading
from pathlib import Path

from openclaw_site.devstack import DevstackError, Ports, World


def main(state_dir: str, *fixed: str) -> int:
    """Run until told to stop; 1 and the message on stderr when it can't start."""
    # SIGINT too: what a shell starts in the background ignores it from birth.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    wanted = {name: int(port) for name, port in (item.split("=") for item in fixed)}
    try:
        with World(Path(state_dir), Ports.free(web=None, **wanted)) as world:
            ledger = json.loads((world.state_dir / "processes.json").read_text())
            names = ("postgres", "redis", "aws", "google", "stripe", "agents", "model")
            ports = {name: getattr(world.ports, name) for name in names}
            sys.stdout.write(json.dumps({"pids": [int(pid) for pid in ledger], "ports": ports}) + "\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except DevstackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
