"""A proxy between boto3 and the embedded AWS that makes chosen calls fail, as the network and AWS do.

It knows an action by its service and name ("iam:CreateRole"). Each rule of `on` is used up call by call; what no rule
matches is forwarded untouched and counted in `actions`.
"""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive", "expect"}


@dataclass(frozen=True)
class Call:
    """One request of a client."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    service: str
    action: str

    @property
    def name(self) -> str:
        return f"{self.service}:{self.action}"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


Forward = Callable[[], Reply]
# A fault gets the call and the way to the real AWS; None means that the connection breaks without an answer.
Fault = Callable[[Call, Forward], Reply | None]


@dataclass
class Rule:
    """One fault for the next `left` calls of an action."""

    action: str
    fault: Fault
    left: int


@dataclass
class Hold:
    """A call that is kept waiting: `reached` says that it came, `release` lets it go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        self.released.set()

    def wait_until_reached(self, seconds: float = 20) -> None:
        assert self.reached.wait(seconds), "the call that was to be held never came"


class AwsProxy:
    """Listens on loopback in front of `target`, the embedded AWS's URL. A context manager."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._rules: list[Rule] = []
        self._holds: list[Hold] = []
        self._lock = threading.Lock()
        self.actions: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that was killed while it waited."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for hold in self._holds:
            hold.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # -- what a test asks for ------------------------------------------------------------------------
    def on(self, action: str, fault: Fault, *, times: int = 1_000_000) -> None:
        """Let the next `times` calls of `action` meet `fault`."""
        with self._lock:
            self._rules.append(Rule(action, fault, times))

    def hold(self, action: str, *, after: bool = False) -> Hold:
        """Keep the next call of `action` waiting before it reaches AWS, or `after` AWS has done it."""
        hold = Hold()
        self._holds.append(hold)

        def fault(call: Call, forward: Forward) -> Reply | None:
            reply = forward() if after else None
            hold.reached.set()
            hold.released.wait()
            return reply or forward()

        self.on(action, fault, times=1)
        return hold

    def heal(self) -> None:
        """From now on everything is forwarded."""
        with self._lock:
            self._rules.clear()

    # -- one request ---------------------------------------------------------------------------------
    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        call = _read(handler, body)
        with self._lock:
            self.actions.append(call.name)
            rule = next((rule for rule in self._rules if rule.action == call.name and rule.left > 0), None)
            if rule:
                rule.left -= 1
        reply = rule.fault(call, lambda: self._forward(call)) if rule else self._forward(call)
        if reply is None:
            _break(handler)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if call.method != "HEAD":
            handler.wfile.write(reply.body)

    def _forward(self, call: Call) -> Reply:
        assert self._target.hostname
        connection = http.client.HTTPConnection(self._target.hostname, self._target.port or 80, timeout=30)
        try:
            headers = {name: value for name, value in call.headers.items() if name.lower() not in _HOP_HEADERS}
            connection.request(call.method, call.path, body=call.body, headers=headers)
            answer = connection.getresponse()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_HEADERS]
            return Reply(answer.status, kept, answer.read())
        finally:
            connection.close()


def _break(handler: BaseHTTPRequestHandler) -> None:
    """Reset the connection, as a host that went away does."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _read(handler: BaseHTTPRequestHandler, body: bytes) -> Call:
    headers = dict(handler.headers.items())
    scope = _CREDENTIAL.search(headers.get("Authorization", ""))
    service = scope.group(1) if scope else "unknown"
    if target := headers.get("X-Amz-Target"):
        action = target.rsplit(".", 1)[1]
    elif service == "s3":
        action = _s3_action(handler.command, handler.path)
    else:
        action = parse_qs(body.decode(errors="replace")).get("Action", ["unknown"])[0]
    return Call(handler.command, handler.path, headers, body, service, action)


def _s3_action(method: str, path: str) -> str:
    query = parse_qs(urlsplit(path).query, keep_blank_values=True)
    if method == "POST" and "delete" in query:
        return "DeleteObjects"
    if method == "GET" and "versions" in query:
        return "ListObjectVersions"
    if method == "GET" and "list-type" in query:
        return "ListObjectsV2"
    return {"PUT": "PutObject", "GET": "GetObject", "DELETE": "DeleteObject", "HEAD": "HeadObject"}.get(method, method)
