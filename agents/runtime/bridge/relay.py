"""One call: from the engine's request to the end of the model's answer. Owns the order of the checks, and metering.

Bytes of a stream go on as they come. A whole answer is read to its end first, so that a broken one becomes an error.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from agents.runtime.bridge import errors
from agents.runtime.bridge.budget import Budget, BudgetSpent
from agents.runtime.bridge.loop_breaker import LoopBreaker, Looping
from agents.runtime.bridge.meter import AnswerMeter, Meter, Usage, usage_of
from agents.runtime.bridge.prices import cost_micro_usd
from agents.runtime.bridge.request import BadRequest, ModelRequest, read_request
from agents.runtime.bridge.upstream import Answer, Upstream, UpstreamFailed

# The engine tries again by itself; after so many silences of the model it hears at once that there is no use.
MOST_SILENCES: Final = 2
_BYTES_A_TOKEN: Final = 4


class Client(Protocol):
    """The engine's side of a call."""

    def whole(self, body: bytes) -> None:
        """Answer with this JSON."""

    def stream(self, pieces: Iterator[bytes]) -> None:
        """Answer with these server-sent events, each piece at once."""


@dataclass(kw_only=True)
class CallRecord:
    """What is known of a call when it has ended.

    `failure` is why the model gave no answer or broke it off. When the stream to the engine had begun by then
    (`streamed`), it is told of there and not raised.
    """

    started: float = field(default_factory=time.monotonic)
    first_byte_seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)
    failure: errors.Refused | None = None
    silent: bool = False
    streamed: bool = False

    def give_up(self, failure: UpstreamFailed) -> errors.Refused:
        """There is no answer, or no more of it."""
        self.silent = failure.timed_out
        self.failure = errors.not_answered(failure)
        return self.failure


class Relay:
    """Puts the engine's requests to the model, one turn long; safe to use from several threads.

    `ended` is told of each call that was put to the model. A call is counted before the engine sees the end of its
    answer, so what the engine asks next finds the budget as it is.
    """

    def __init__(
        self,
        *,
        upstream: Upstream,
        model: str,
        budget: Budget,
        breaker: LoopBreaker,
        ended: Callable[[CallRecord], None],
    ) -> None:
        self.meter = Meter()
        self._upstream = upstream
        self._model = model
        self._budget = budget
        self._breaker = breaker
        self._ended = ended
        self._silences = 0
        self._last_failure: errors.Refused | None = None
        self._failed: dict[str, str] = {}
        self._lock = threading.Lock()
        self._under_way: set[_Call] = set()

    @property
    def failed_tools(self) -> Counter[str]:
        """How often calls of each tool failed, by the name that the model gave it."""
        with self._lock:
            return Counter(self._failed.values())

    @property
    def last_failure(self) -> errors.Refused | None:
        """Why the last call that was put to the model failed; None when it was answered.

        A call that is neither, as the engine has gone, changes nothing.
        """
        with self._lock:
            return self._last_failure

    def call(self, data: bytes, client: Client) -> None:
        """Answer the request. Raises Refused before anything was answered; OSError when the engine has gone.

        A stream that breaks off ends with an error event.
        """
        try:
            request = read_request(data, model=self._model)
        except BadRequest as error:
            raise errors.bad_request(str(error)) from None
        with self._lock:
            self._failed.update(request.failed)
            silences = self._silences
        if silences >= MOST_SILENCES:
            raise errors.not_answered(UpstreamFailed(f"the model fell silent {MOST_SILENCES} times", timed_out=True))
        hold = self._cost(Usage(input_tokens=len(request.body) // _BYTES_A_TOKEN))
        self._admit(request, hold)
        call = _Call(end=lambda record, answered: self._end(record, request, hold, answered=answered))
        with self._lock:
            self._under_way.add(call)
        try:
            self._put(request, client, call)
        except UpstreamFailed as failure:
            raise call.record.give_up(failure) from None
        except errors.Refused as refused:
            call.record.failure = refused
            raise
        finally:
            call.end(answered=False)
            with self._lock:
                self._under_way.discard(call)

    def abandon(self) -> None:
        """Count the calls that are under way as far as they came; safe to repeat."""
        with self._lock:
            calls = list(self._under_way)
        for call in calls:
            call.end(answered=False)

    def _admit(self, request: ModelRequest, hold: int) -> None:
        try:
            self._budget.check(hold)
        except BudgetSpent:
            raise errors.budget_spent() from None
        try:
            self._breaker.check(request.fingerprint)
        except Looping as error:
            self._budget.settle(0, hold)
            raise errors.looping(str(error)) from None

    def _put(self, request: ModelRequest, client: Client, call: "_Call") -> None:
        with self._upstream.post(request.body) as answer:
            if answer.status != 200:
                raise errors.turned_down(answer)
            call.record.first_byte_seconds = time.monotonic() - call.record.started
            if answer.is_stream:
                call.record.streamed = True
                client.stream(_pieces(answer, call))
                return
            body = answer.read()
        try:
            call.record.usage = usage_of(json.loads(body))
        except (ValueError, AttributeError, RecursionError):
            raise errors.unreadable() from None
        call.end(answered=True)
        client.whole(body)

    def _end(self, record: CallRecord, request: ModelRequest, hold: int, *, answered: bool) -> None:
        self.meter.add(record.usage)
        self._budget.settle(self._cost(record.usage), hold)
        if answered:
            self._breaker.answered(request.fingerprint)
        with self._lock:
            self._silences += record.silent
            if answered or record.failure:
                self._last_failure = record.failure
        self._ended(record)

    def _cost(self, usage: Usage) -> int:
        return cost_micro_usd(self._model, usage)


class _Call:
    """A call under way; it ends once, whoever says so first."""

    def __init__(self, *, end: Callable[[CallRecord, bool], None]) -> None:
        self.record = CallRecord()
        self._end: Callable[[CallRecord, bool], None] | None = end
        self._lock = threading.Lock()

    def end(self, *, answered: bool) -> None:
        with self._lock:
            end, self._end = self._end, None
        if end:
            end(self.record, answered)


def _pieces(answer: Answer, call: _Call) -> Iterator[bytes]:
    """A stream's bytes, then an error event if it did not come to its end."""
    meter = AnswerMeter()
    record = call.record
    try:
        for piece in answer.pieces():
            meter.feed(piece)
            record.usage = meter.usage
            yield piece
    except UpstreamFailed as failure:
        record.give_up(failure)
    else:
        if not meter.complete:
            record.failure = errors.broken_off() if meter.refused else errors.unreadable()
    call.end(answered=record.failure is None)
    if record.failure and not meter.refused:
        yield record.failure.event()
