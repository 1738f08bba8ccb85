"""The stub model as one part of the world, and what tests do to it from outside.

Other processes do the same over HTTP: GET and POST /_control read and change what stands in `Model.state`.
"""

import secrets
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ..loopback import LoopbackServer
from ..ports import HOST, require_free
from .conversation import Call, Json, bare_name
from .misbehaviour import Misbehaviour, Order, Script
from .server import Handler
from .tokens import PromptCache

MODEL_ID = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
_KEPT_REQUESTS = 200


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request that was taken: names of headers in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Json

    @property
    def tools(self) -> list[str]:
        """The tools offered, without the engine's prefix."""
        return [bare_name(str(tool.get("name"))) for tool in self.body.get("tools") or []]


class Model:
    """Claude on one loopback port, by Bedrock's path and by Anthropic's.

    `misbehave()` scripts what goes wrong; `first_byte_seconds` and `chunk_seconds` make it slow; `requests` holds
    the last requests; `secret_keys` (access key to secret) are those whose signatures it can check.
    """

    def __init__(self, *, port: int, secret_keys: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.secret_keys = dict(secret_keys or {})
        self.first_byte_seconds = 0.0
        self.chunk_seconds = 0.0
        self.cache = PromptCache()
        self.requests: deque[Request] = deque(maxlen=_KEPT_REQUESTS)
        self.calls = 0
        self.total_usage: dict[str, int] = {}
        self._script = Script()
        self._lock = threading.Lock()
        self._released = threading.Event()

        class Ours(Handler):
            owner: ClassVar[Model] = self

        self._server = LoopbackServer(port=port, handler=Ours, name="devstack-model")

    def start(self) -> None:
        """It answers when this returns. DevstackError: port taken."""
        require_free(self.port, part="the model", field="model")
        self._released.clear()
        self._server.start()

    def stop(self) -> None:
        """Nothing listens, and who waits for an answer is let go. Safe to repeat."""
        self._released.set()
        self._server.stop()

    def environment(self) -> dict[str, str]:
        """The agents' environment names for it."""
        return {"MODEL_ENDPOINT": self.url, "MODEL_ID": MODEL_ID}

    @property
    def misbehaviour(self) -> Misbehaviour:
        """What it does wrong at present."""
        return self._script.kind

    @misbehaviour.setter
    def misbehaviour(self, kind: Misbehaviour | str) -> None:
        self.misbehave(Misbehaviour(kind))

    def misbehave(
        self,
        kind: Misbehaviour,
        *,
        times: int | None = None,
        calls: tuple[Call, ...] = (),
        orders: tuple[Order, ...] = (),
    ) -> None:
        """From the next request on; see Script. Stalled requests of before are let go."""
        with self._lock:
            self._script = Script(kind=kind, times=times, calls=calls, orders=orders)
            released, self._released = self._released, threading.Event()
        released.set()

    def reset(self) -> None:
        """As it was at the start: well-behaved, quick, with an empty cache and nothing counted."""
        self.misbehave(Misbehaviour.NONE)
        self.first_byte_seconds = self.chunk_seconds = 0.0
        with self._lock:
            self.cache = PromptCache()
            self.requests.clear()
            self.calls, self.total_usage = 0, {}

    def control(self, change: Json) -> None:
        """What POST /_control does: `reset`, `misbehaviour` with its script, and the two paces. ValueError: unknown."""
        unknown = set(change) - {"reset", "misbehaviour", "times", "calls", "orders", *_PACES}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if change.get("reset"):
            self.reset()
        for name in _PACES & set(change):
            setattr(self, name, float(change[name]))
        if "misbehaviour" in change:
            self.misbehave(
                Misbehaviour(change["misbehaviour"]),
                times=change.get("times"),
                calls=_calls(change),
                orders=tuple(_order(order) for order in change.get("orders") or []),
            )

    def state(self) -> Json:
        """What GET /_control answers."""
        with self._lock:
            return {
                "misbehaviour": self._script.kind,
                "times": self._script.times,
                "calls": self.calls,
                "usage": dict(self.total_usage),
                "paths": [request.path for request in self.requests],
                "first_byte_seconds": self.first_byte_seconds,
                "chunk_seconds": self.chunk_seconds,
            }

    def take_script(self, *, path: str, headers: Mapping[str, str], body: Json) -> Script:
        """Note the request; how it is to be answered."""
        with self._lock:
            self.calls += 1
            self.requests.append(Request(path=path, headers=dict(headers), body=body))
            script = self._script
            if script.times is not None and script.kind is not Misbehaviour.NONE:
                left = script.times - 1
                self._script = replace(script, times=left) if left > 0 else Script()
            return script

    def used(self, usage: Mapping[str, int]) -> None:
        """Add an answer's usage to the total."""
        with self._lock:
            for name, number in usage.items():
                self.total_usage[name] = self.total_usage.get(name, 0) + number

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until it stops."""
        if seconds > 0:
            self._released.wait(seconds)

    def wait_for_ever(self) -> None:
        """Until it stops, or behaves in another way."""
        self._released.wait()

    def request_id(self) -> str:
        return f"req_{secrets.token_hex(10)}"


_PACES = {"first_byte_seconds", "chunk_seconds"}


def _order(order: Json) -> Order:
    return Order(marker=str(order["marker"]), calls=_calls(order), endless=bool(order.get("endless")))


def _calls(holder: Json) -> tuple[Call, ...]:
    return tuple((str(call["tool"]), dict(call.get("input") or {})) for call in holder.get("calls") or [])
