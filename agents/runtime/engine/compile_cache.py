"""The engine's compiled code: `python -m agents.runtime.engine.compile_cache FOLDER` fills a folder with it.

Owns what is in the folder that ENGINE_COMPILE_CACHE names. A turn loads 4,800 modules; with their compiled code at hand
it takes two seconds less and 60 MiB more. The code is bound to the engine's path and files, to Node's version and to
the architecture, but to no model of processor (tried with Node under emulation of older ones). So it is made where the
engine is installed, by a turn in which the model refuses to answer.

What stands in the folder is run by every engine. One writes it, in another place; we copy it, and the engine's user
may read our files and not change them.
"""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agents.runtime.config import ROLES, ConfigError
from agents.runtime.engine.child import Child, remove_folder
from agents.runtime.engine.order import Limits, Turn, caching, order_for
from agents.runtime.engine.seats import Seat, taken_seat
from agents.runtime.engine.settings import EngineSettings, read_engine_settings, resolve_command
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.profile import Profile

_LIMITS: Final = Limits()
_NOBODYS: Final = "none"


def fill(settings: EngineSettings, folder: Path) -> int:
    """`folder` holds what a turn of the engine compiles, and nothing else; the number of files.

    Safe to repeat; an engine that looks for its code meanwhile compiles for itself. Raises Failure when the engine
    can't be run or leaves nothing behind.
    """
    command = resolve_command(settings)
    with (
        TemporaryDirectory(prefix="openclaw-compile-cache-", dir=settings.base) as scratch,
        taken_seat(settings.uid, base=settings.base) as seat,
    ):
        written = Path(scratch)
        written.chmod(0o1777)
        _turn_that_writes(written, command=command, seat=seat)
        shutil.rmtree(folder, ignore_errors=True)
        files = 0
        for part in written.iterdir():
            # Node's name for its version, architecture and user; the user is left out.
            copy = folder / part.name.rpartition("-")[0]
            copy.mkdir(parents=True)
            for file in part.iterdir():
                shutil.copyfile(file, copy / file.name)
                files += 1
    if not files:
        raise Failure(Exit.ENGINE_FAILED, "the engine ran and left no compiled code")
    return files


def _turn_that_writes(written: Path, *, command: list[str], seat: Seat) -> None:
    with _nobody() as url:
        turn = Turn(
            role=ROLES[0],
            model="nobody",
            bridge_url=url,
            bridge_token=_NOBODYS,
            mcp_url=f"{url}/mcp",
            mcp_token=_NOBODYS,
            profile=Profile(),
            prompt="Nothing to do.",
        )
        order = order_for(turn, command=command, seat=seat, limits=_LIMITS)
        del order["environment"]["NODE_DISABLE_COMPILE_CACHE"]
        order["environment"] |= caching(written)
        child = Child(order, _LIMITS, seat)
        try:
            child.watch(threading.Event().wait)
        finally:
            child.end()
            remove_folder(seat)
        child.raise_for_exit()


@contextmanager
def _nobody() -> Iterator[str]:
    """The address of a model and a tool server that refuse whatever they are asked, at once and for good."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refuses)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Refuses(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"type": "error", "error": {"type": "invalid_request_error", "message": "nobody is here"}}'
        self.send_response(400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Nobody's news."""


def main(arguments: list[str]) -> int:
    """Fill and report; exit code 1 says that it could not be, 2 that it was called wrongly."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m agents.runtime.engine.compile_cache FOLDER\n")
        return 2
    os.umask(0o022)  # another user reads it
    try:
        files = fill(read_engine_settings(os.environ), Path(arguments[0]).absolute())
    except (ConfigError, Failure) as error:
        sys.stderr.write(f"The engine's compiled code could not be made: {error}\n")
        return 1
    sys.stdout.write(f"The compiled code of {files} modules is in {arguments[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
