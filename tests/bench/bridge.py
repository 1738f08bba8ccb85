"""What the model bridge adds to an answer: the stub model asked directly, and through the bridge."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from agents.runtime.bridge import BedrockUpstream, Budget, LoopBreaker, ModelBridge
from agents.runtime.logging import RuntimeLog
from openclaw_site.devstack.model import MODEL_ID, Model
from openclaw_site.devstack.ports import Ports
from tests.bench.isolation import milliseconds
from tests.bench.table import Row
from tests.devstack.engine import HEADERS, request

ROUNDS = 100
TOKEN = "token"
# As long as a conversation in which the agent has read thirty mails.
MESSAGES = [{"role": "user", "content": "A line of a mail, and another one. " * 3_000}]


def measure() -> Iterator[Row]:
    """Rows: first byte of a stream, and the whole of it."""
    model = Model(port=Ports.free(web=None).model)
    model.start()
    bridge = ModelBridge(
        upstream=BedrockUpstream("eu-central-1", model.url),
        model=MODEL_ID,
        budget=Budget(10**12),
        token=TOKEN,
        log=RuntimeLog(write=lambda line: None),
        breaker=LoopBreaker(most_calls=10**6, most_repeats=10**6),
    )
    try:
        with bridge, httpx.Client() as client:
            for what, whole in (("first byte of an answer", False), ("whole streamed answer", True)):
                mine = milliseconds(_asking(client, bridge.url, {"x-api-key": TOKEN}, whole=whole), ROUNDS)
                theirs = milliseconds(_asking(client, model.url, HEADERS, whole=whole), ROUNDS)
                yield Row(what=f"{what}, through the bridge", mine=mine, other="directly", theirs=theirs, unit="ms")
    finally:
        model.stop()


def _asking(client: httpx.Client, url: str, headers: dict[str, str], *, whole: bool) -> Callable[[], object]:
    body: dict[str, Any] = request("scout", MESSAGES, stream=True)

    def ask() -> float:
        with client.stream("POST", f"{url}/v1/messages", json=body, headers=headers) as answer:
            pieces = answer.iter_raw()
            next(pieces)
            reached = time.perf_counter()
            for _ in pieces if whole else ():
                pass
        return reached

    return ask
