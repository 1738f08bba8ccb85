"""The bridge's HTTP side: who may ask, how much, and writing answers out without holding anything back."""

import hmac
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Final, Protocol

from agents.runtime.bridge import errors
from agents.runtime.bridge.relay import Client
from agents.runtime.bridge.request import MOST_BYTES

PATH: Final = "/v1/messages"
IDLE_SECONDS: Final = 60.0


class Bridge(Protocol):
    """What a request is put to."""

    token: str

    def answer(self, data: bytes, client: Client) -> None:
        """Answer the request, or raise Refused before anything was answered."""

    def note(self, refused: errors.Refused) -> None:
        """Count and log a request that was refused."""


class Handler(BaseHTTPRequestHandler):
    """One connection of the engine."""

    bridge: ClassVar[Bridge]
    protocol_version = "HTTP/1.1"
    server_version = "bridge"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def do_POST(self) -> None:
        try:
            try:
                data = self._body()
            except errors.Refused as refused:
                self.close_connection = True  # what is left of the body is not read
                self.bridge.note(refused)
                self._refuse(refused)
                return
            try:
                self.bridge.answer(data, self)
            except errors.Refused as refused:
                self.bridge.note(refused)
                self._refuse(refused)
        except OSError:  # the engine has gone
            self.close_connection = True

    def do_GET(self) -> None:
        self.close_connection = True
        self.bridge.note(refused := errors.wrong_address())
        self._refuse(refused)

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_GET

    def whole(self, body: bytes) -> None:
        self._send(200, body)

    def stream(self, pieces: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            if piece:  # an empty chunk would be the end
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _body(self) -> bytes:
        """The request's body. Refused: it is not for us, or too long."""
        if not self._knows_the_token():
            raise errors.wrong_token()
        if self.path.partition("?")[0] != PATH:
            raise errors.wrong_address()
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            raise errors.bad_request("The length of the body must be said.", status=411)
        if len(length) > 12 or int(length) > MOST_BYTES:
            raise errors.bad_request("The request is too large.", status=413)
        data = self.rfile.read(int(length))
        if len(data) < int(length):
            raise ConnectionResetError
        return data

    def _knows_the_token(self) -> bool:
        kind, _, bearer = self.headers.get("Authorization", "").partition(" ")
        shown = bearer.strip() if kind.lower() == "bearer" else self.headers.get("x-api-key", "")
        return bool(self.bridge.token) and hmac.compare_digest(shown.encode(), self.bridge.token.encode())

    def _refuse(self, refused: errors.Refused) -> None:
        # The official clients' word for whether they may try again by themselves.
        self._send(refused.status, refused.body(), {"x-should-retry": str(refused.may_retry).lower()})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the bridge logs by itself what is safe to log."""
