"""One proxy and one outside for the tests of the wall."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.platform.egress.proxy import ALLOWED, OTHER, REBOUND, Wall, make_certificate, proxy_running


@pytest.fixture(scope="package")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A TLS server on loopback that is every host; its port and its certificate."""
    folder = tmp_path_factory.mktemp("outside")
    certificate, key = make_certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer()

        def _answer(self) -> None:
            body = b'{"access_token": "t", "expires_in": 3600, "emailAddress": "a@b.example", "historyId": "7"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, certificate
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="package")
def wall(outside: tuple[int, Path]) -> Iterator[Wall]:
    """The proxy with loopback as its outside."""
    names = {ALLOWED: "127.0.0.1", OTHER: "127.0.0.1", REBOUND: "10.9.8.7"}
    with proxy_running(
        *outside,
        names,
        EGRESS_ALLOWED_HOSTS=f"{ALLOWED},{REBOUND}",
        EGRESS_DENIED_NETWORKS="10.0.0.0/8 169.254.0.0/16",
    ) as wall:
        yield wall
