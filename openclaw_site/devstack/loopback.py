"""An HTTP server on loopback, in a thread of this process: what the embedded parts of our own making answer with."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .ports import HOST


class LoopbackServer:
    """Serves `handler` on `port` between start() and stop(); each request in a thread of its own."""

    def __init__(self, *, port: int, handler: type[BaseHTTPRequestHandler], name: str) -> None:
        self._address = (HOST, port)
        self._handler = handler
        self._name = name
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """It answers when this returns. OSError when the port is taken."""
        self._server = ThreadingHTTPServer(self._address, self._handler)
        threading.Thread(
            target=self._server.serve_forever, name=self._name, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()

    def stop(self) -> None:
        """The port is free again. Safe to repeat, and without a start."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
