"""The tools' server: a port on loopback, a thread of its own, from start to stop.

Owns the socket and the thread. What the server says stands in `protocol`, what a call does in `calls`.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agents.runtime.logging import RuntimeLog, place_of
from agents.runtime.retry import Patience
from agents.runtime.store import Store
from agents.runtime.tools.lot import Lot
from agents.runtime.tools.mail_source import MailSource

if TYPE_CHECKING:
    from uvicorn import Server as HttpServer

WAITING_CONNECTIONS = 64
# A call that waits for Gmail hears of the stop within one request's timeout.
STOP_SECONDS = 3.0


class ToolServer:
    """One role's tools over MCP, for as long as it is entered.

    `url` is valid once entered and can be called at once: the socket listens from then on, and requests wait there
    for the second that the protocol's libraries take to load, which the engine spends starting as well. Whoever
    calls needs `Authorization: Bearer <token>`. `lot` is what the turn is about. `calls` counts by tool and outcome,
    `token` is the one that callers show.
    The mailbox must not be used elsewhere meanwhile.
    """

    def __init__(
        self,
        *,
        role: str,
        store_factory: Callable[[], AbstractContextManager[Store]],
        mailbox: MailSource,
        token: str,
        log: RuntimeLog,
        lot: Lot,
    ) -> None:
        if not token:
            raise ValueError("a tool server needs a token")
        self.calls: Counter[tuple[str, str]] = Counter()
        self._role = role
        self._store_factory = store_factory
        self._mailbox = mailbox
        self.token = token
        self._log = log
        self._lot = lot
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tools", daemon=True)
        self._listener: socket.socket | None = None
        self._http: HttpServer | None = None

    @property
    def url(self) -> str:
        """Where the engine finds the tools."""
        if self._listener is None:
            raise RuntimeError("the tool server is not entered")
        return f"http://127.0.0.1:{self._port}/mcp"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=WAITING_CONNECTIONS)
        self._port: int = self._listener.getsockname()[1]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Afterwards nothing listens, and no call is under way unless it is stuck, which is logged."""
        self._stopping.set()
        if self._http is not None:
            self._http.should_exit = True
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            self._log.warning("tools_abandoned", after_seconds=STOP_SECONDS)

    def _run(self) -> None:
        listener = self._listener
        assert listener is not None  # noqa: S101  # set before the thread starts
        try:
            self._serve(listener)
        except (Exception, SystemExit) as error:
            self._log.error("tools_failed", error=type(error).__name__, at=place_of(error))
        finally:
            # Whoever still waits is turned away at once instead of waiting for its own timeout.
            listener.close()

    def _serve(self, listener: socket.socket) -> None:
        from agents.runtime.tools import calls, protocol

        carried_out = calls.Calls(
            role=self._role,
            store_factory=self._store_factory,
            mailbox=self._mailbox,
            patience=Patience(pause=self._stopping.wait),
            lot=self._lot,
            mark=f"outside-{secrets.token_hex(6)}",
            log=self._log,
            counter=self.calls,
        )
        self._http = protocol.http_server(carried_out, token=self.token, port=self._port)
        if self._stopping.is_set():
            return
        protocol.serve(self._http, listener)
