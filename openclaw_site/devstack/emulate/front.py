"""The HTTP server of a front: reads a request, asks for the answer, writes it."""

import http.client
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from ..loopback import LoopbackServer
from ..ports import require_free
from .backend import Answer

Rule = Callable[[str, str, Mapping[str, str], bytes], Answer]  # of method, path with query, headers and body


class FrontServer:
    """Serves what `rule` answers, `broken` where emulate can't be understood. `part` and `field` name its port."""

    def __init__(self, *, port: int, part: str, field: str, rule: Rule, broken: Answer) -> None:
        self.port = port
        self.rule = rule
        self.broken = broken
        self._part = part
        self._field = field

        class Handler(_Handler):
            owner: ClassVar[FrontServer] = self

        self._server = LoopbackServer(port=port, handler=Handler, name=f"devstack-{field}")

    def require_port(self) -> None:
        """DevstackError when the port is taken."""
        require_free(self.port, part=self._part, field=self._field)

    def start(self) -> None:
        """It answers when this returns. DevstackError: port taken."""
        self.require_port()
        self._server.start()

    def stop(self) -> None:
        """Nothing listens. Safe to repeat."""
        self._server.stop()


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[FrontServer]

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        try:
            answer = self.owner.rule(self.command, self.path, dict(self.headers.items()), body)
        except (OSError, http.client.HTTPException, ValueError):
            answer = self.owner.broken
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: addresses hold codes and states."""


def bearer(headers: Mapping[str, str]) -> str:
    """The token of the Authorization header, "" if there is none."""
    value = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    kind, _, token = value.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
