"""Asks ECS for the tasks of many claimed runs, several calls at a time. Platform context.

Owns the threads. An answer of RunTask takes a fraction of a second, so that one call after the other would stay below
the pace that the quota allows. The threads ask, and nothing else; what they bring is recorded by the thread that owns
this, on its one connection. A process that is killed leaves runs that are `requested`: the reconcile asks for them
again with the same client tokens.
"""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from types import TracebackType
from typing import Final, Self

from agents.errors import StartFailed
from agents.models import AgentRun
from agents.services.bucket import TokenBucket
from agents.services.launch import Answer, answer_record, task_ask
from openclaw_site.aws.errors import Throttled, Unreachable

logger = logging.getLogger(__name__)

# At half a second an answer, enough for twice the pace; as many as the client keeps connections for.
CALLS_AT_ONCE: Final = 10


class Launches:
    """Runs on their way to ECS; when the block ends, every answer is recorded.

    `started` and `refused` count runs. `is_throttled`: ECS asked for a pause, or did not answer; no more should be
    added. To be used by one thread.
    """

    def __init__(self, bucket: TokenBucket) -> None:
        self.started = 0
        self.refused = 0
        self.is_throttled = False
        self._bucket = bucket
        self._pool = ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="launch")
        self._asked: dict[Future[Answer], AgentRun] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            while kind is None and self._asked:
                self._record(wait(self._asked, return_when=FIRST_COMPLETED).done)
        finally:
            self._pool.shutdown(wait=True)

    def add(self, run: AgentRun) -> None:
        """The run's task is asked for as soon as the pace lets it and a thread is free; answers that are in by then
        are recorded.
        """
        self._ask(run)
        self.started += 1
        self._record({future for future in self._asked if future.done()})

    def _ask(self, run: AgentRun) -> None:
        time.sleep(self._bucket.wait_seconds())
        while len(self._asked) >= CALLS_AT_ONCE:
            self._record(wait(self._asked, return_when=FIRST_COMPLETED).done)
        # In a copy of this context, so that the thread's calls stand in the trace of the task that asked.
        self._asked[self._pool.submit(copy_context().run, task_ask, run)] = run

    def _record(self, futures: set[Future[Answer]]) -> None:
        again = []
        for future in futures:
            run, answer = self._asked.pop(future), future.result()
            self.is_throttled |= isinstance(answer, Throttled | Unreachable)
            try:
                if answer_record(run=run, answer=answer):
                    again.append(run)
            except StartFailed as error:
                self.started -= 1
                self.refused += 1
                logger.info("Agent %s was not started: %s", run.agent_id, error)
        for run in again:
            self._ask(run)
