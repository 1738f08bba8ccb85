"""How the agent is, over HTTP on loopback, for the container's health check.

Owns the state that the ticks leave behind and the answer to GET /health. Deciding what an unhealthy container
means is ECS's.
"""

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# So long may a tick show no sign of life before it counts as stuck: fetching, retries, a turn of the engine, storing.
TICK_ALLOWANCE_SECONDS = 300.0


class Health:
    """What is known of the ticks; written by the worker, read by HTTP threads.

    Status: `starting` until a first tick ended, then `ok` or `failing` as the last one, `overdue` when none
    got on for longer than the interval and a long tick together.
    """

    def __init__(self, *, role: str, interval_seconds: float) -> None:
        self._role = role
        self._patience_seconds = interval_seconds + TICK_ALLOWANCE_SECONDS
        self._lock = threading.Lock()
        self._status = "starting"
        self._ticks = 0
        self._last_tick_at: datetime | None = None
        self._last_sign = time.monotonic()

    def tick_ended(self, *, succeeded: bool) -> None:
        """Records the end of a tick."""
        with self._lock:
            self._status = "ok" if succeeded else "failing"
            self._ticks += 1
            self._last_tick_at = datetime.now(UTC)
            self._last_sign = time.monotonic()

    def sign(self) -> None:
        """A tick under way got on."""
        with self._lock:
            self._last_sign = time.monotonic()

    def answer(self) -> tuple[int, dict[str, Any]]:
        """HTTP status (200, or 503 when failing or overdue) and body."""
        with self._lock:
            overdue = time.monotonic() - self._last_sign > self._patience_seconds
            status = "overdue" if overdue else self._status
            body = {
                "status": status,
                "role": self._role,
                "last_tick_at": self._last_tick_at.isoformat() if self._last_tick_at else None,
                "ticks": self._ticks,
            }
        return (503 if status in ("failing", "overdue") else 200), body


def serve_health(health: Health, *, port: int) -> int:
    """Serves GET /health on 127.0.0.1 in daemon threads until the process ends; the port that it listens on.

    Port 0 takes any free one. Raises OSError when the port is taken.
    """
    server = _Server(("127.0.0.1", port), _handler_for(health))
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_address[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is nobody's news."""


def _handler_for(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            status, body = health.answer() if self.path == "/health" else (404, {"status": "not found"})
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            """Health checks come every few seconds: not logged."""

    return Handler
