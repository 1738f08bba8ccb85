"""The thread that does the work: identity first, then one tick or a tick every interval.

Owns when the next tick comes and which failure ends the process. What a tick does is `tick`'s; ending the
process is the supervisor's.
"""

import threading
import time
from contextlib import closing

from agents.runtime.config import Config
from agents.runtime.equipment import Equipment
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from agents.runtime.health import Health
from agents.runtime.identity import verify_identity
from agents.runtime.logging import RuntimeLog, place_of
from agents.runtime.signals import Inbox, Notice
from agents.runtime.task import task_arn
from agents.runtime.tick import Ticker

LONGEST_PAUSE_SECONDS = 900.0
PATIENCE_SECONDS = 600.0
FAILURES_IN_A_ROW = 3


class Worker(threading.Thread):
    """Works until it is done, fails for good or is told to stop; then leaves ENDED in the inbox.

    `outcome` is the exit status to end with, valid once ENDED was left. A daemon, so that a stuck call cannot
    keep the process alive.
    """

    def __init__(self, config: Config, equipment: Equipment, *, health: Health, log: RuntimeLog, inbox: Inbox) -> None:
        super().__init__(name="worker", daemon=True)
        self.outcome = Exit.INTERNAL
        self._config = config
        self._equipment = equipment
        self._health = health
        self._log = log
        self._inbox = inbox
        self._stop_asked = threading.Event()

    def ask_to_stop(self) -> None:
        """Afterwards the worker ends at its next pause; a tick under way may finish."""
        self._stop_asked.set()

    def run(self) -> None:
        """Never raises: what happened is in `outcome` and in the log."""
        try:
            self.outcome = self._work()
        except Stopped:
            self.outcome = Exit.TERMINATED
        except Failure as failure:
            self._log.error("start_failed", cause=failure.exit.name, detail=failure.detail)
            self.outcome = failure.exit
        except Exception as error:
            self._log.error("internal_error", error=type(error).__name__, at=place_of(error))
            self.outcome = Exit.INTERNAL
        finally:
            self._inbox.put(Notice.ENDED)

    def _work(self) -> Exit:
        identity = verify_identity(self._config)
        arn = task_arn(self._config.task_metadata_uri)
        self._log.info("identity_verified", role_arn=identity.arn, task_arn=arn)
        ticker = Ticker(
            self._config,
            self._equipment,
            role_arn=identity.arn,
            task_arn=arn,
            log=self._log,
            pause=self._stop_asked.wait,
            sign_of_life=self._health.sign,
        )
        with closing(ticker):
            return self._tick_on(ticker)

    def _tick_on(self, ticker: Ticker) -> Exit:
        failures, well_at = 0, time.monotonic()
        while True:
            failure = self._tick(ticker)
            failures = failures + 1 if failure else 0
            well_at = time.monotonic() if failure is None else well_at
            if self._config.agent_mode == "once":
                return failure.exit if failure else Exit.OK
            # One that fails for long says so by its end: who looks from outside sees only that it runs.
            failing = failures >= FAILURES_IN_A_ROW and time.monotonic() - well_at > PATIENCE_SECONDS
            if failure and (failing or not failure.retryable):
                return failure.exit
            if self._stop_asked.wait(_pause_seconds(self._config.loop_seconds, failures)):
                return Exit.OK

    def _tick(self, ticker: Ticker) -> Failure | None:
        started = time.monotonic()
        try:
            result = ticker.tick()
        except Failure as failure:
            self._health.tick_ended(succeeded=False)
            write = self._log.warning if failure.retryable else self._log.error
            write("tick_failed", cause=failure.exit.name, detail=failure.detail, seconds=_since(started))
            return failure
        self._health.tick_ended(succeeded=True)
        counts = {"seen": result.seen, "new": result.new, "turns": result.turns}
        self._log.info("tick_done", **counts, seconds=_since(started))
        return None


def _pause_seconds(interval_seconds: float, failures: int) -> float:
    """The interval; after failures in a row twice as long each time, up to a quarter of an hour: a tick may cost."""
    return min(max(interval_seconds, LONGEST_PAUSE_SECONDS), interval_seconds * 2.0 ** min(max(failures - 1, 0), 20))


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
