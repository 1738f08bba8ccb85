"""The model bridge: a server on loopback that puts the engine's requests to the model, for one turn.

Owns its life, its counts and its log lines. The engine knows the bridge's token and nothing else: credentials, the
model's address and the budget stay on this side.
"""

import sys
import threading
from collections import Counter
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Final

from agents.runtime.bridge.budget import Budget
from agents.runtime.bridge.errors import Refused
from agents.runtime.bridge.handler import Handler
from agents.runtime.bridge.loop_breaker import LoopBreaker
from agents.runtime.bridge.meter import Usage
from agents.runtime.bridge.prices import cost_micro_usd
from agents.runtime.bridge.relay import CallRecord, Client, Relay
from agents.runtime.bridge.upstream import Upstream
from agents.runtime.logging import RuntimeLog, place_of

# How long the end waits for calls under way, whose usage counts too.
SETTLE_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 0.02


class ModelBridge:
    """Answers POST <url>/v1/messages between enter and exit; safe to ask from several threads.

    Raises UnknownModel at once for a model that has no price. `refusals` counts what got no answer of the model, by
    `budget`, `loop`, `upstream`, `request` and `token`; `last_refusal` says the last one in words that are safe to log.
    """

    def __init__(
        self,
        *,
        upstream: Upstream,
        model: str,
        budget: Budget,
        token: str,
        log: RuntimeLog,
        breaker: LoopBreaker | None = None,
    ) -> None:
        cost_micro_usd(model, Usage())
        self.token = token
        self.refusals: Counter[str] = Counter()
        self.last_refusal = ""
        self._model = model
        self._log = log
        self._upstream = upstream
        self._relay = Relay(
            upstream=upstream, model=model, budget=budget, breaker=breaker or LoopBreaker(), ended=self._call_ended
        )
        self._settled = threading.Condition()
        self._under_way = 0
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Its origin, known between enter and exit."""
        if self._server is None:
            raise RuntimeError("The bridge does not stand.")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def usage(self) -> Usage:
        """What all answers used since the start."""
        return self._relay.meter.total

    @property
    def upstream_failure(self) -> Refused | None:
        """Why the last call that was put to the model failed; None when it was answered, or none was put."""
        return self._relay.last_failure

    @property
    def failed_tools(self) -> Counter[str]:
        """How often the model's calls of each tool failed, whoever refused them. The names are the model's words."""
        return self._relay.failed_tools

    @property
    def cost_micro_usd(self) -> int:
        """What that costs."""
        return cost_micro_usd(self._model, self.usage)

    def __enter__(self) -> "ModelBridge":
        class Ours(Handler):
            bridge: ClassVar[ModelBridge] = self

        self._server = _Server(("127.0.0.1", 0), Ours)
        self._server.failed = self._failed
        threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="model-bridge", daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        with self._settled:
            self._settled.wait_for(lambda: not self._under_way, SETTLE_SECONDS)
        self._relay.abandon()
        self._upstream.close()
        self._server = None

    def answer(self, data: bytes, client: Client) -> None:
        """Put one request to the model; Refused, before anything was answered: there is no answer."""
        with self._settled:
            self._under_way += 1
        try:
            self._relay.call(data, client)
        finally:
            with self._settled:
                self._under_way -= 1
                self._settled.notify_all()

    def note(self, refused: Refused) -> None:
        """Count and log a request that got no answer."""
        with self._settled:
            self.refusals[refused.kind] += 1
            self.last_refusal = refused.detail
        self._log.warning("model_refused", reason=refused.kind, detail=refused.detail, status=refused.status)

    def _call_ended(self, record: CallRecord) -> None:
        if record.failure and record.streamed:
            self.note(record.failure)
        usage = record.usage
        if not usage.calls:
            return
        self._log.info(
            "model_called",
            first_byte_milliseconds=round(1000 * record.first_byte_seconds),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
        )

    def _failed(self, error: BaseException) -> None:
        self._log.warning("model_bridge_failed", kind=type(error).__name__, place=place_of(error))


class _Server(ThreadingHTTPServer):
    """Says in one log line what the standard server prints with the request's address and a traceback."""

    daemon_threads = True
    request_queue_size = 64
    failed: Any = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError) and self.failed:
            self.failed(error)
