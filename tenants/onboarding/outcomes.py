"""What an attempt at a step came to. Owns turning whatever a step raised into one of four outcomes, without secrets.

Errors are shown to staff and kept in the records, so only texts that were written for it get there: those of StepError
and AwsError. A database error is named by its code, anything else by its class.
"""

import logging
import random
import traceback
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from django.db import Error as DatabaseError

from openclaw_site.aws.errors import AwsError
from tenants.isolation.context import ContextMissing
from tenants.onboarding.steps.base import Found, StepError, StepRetry, StepWaiting

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 8  # With the pauses below, about a minute and a half on average.
BACKOFF_BASE_SECONDS: Final = 1.0
BACKOFF_CAP_SECONDS: Final = 60.0


class Verdict(Enum):
    """How a run goes on after a step."""

    DONE = "done"
    WAIT = "wait"
    RETRY = "retry"
    FAIL = "fail"


@dataclass(frozen=True)
class Outcome:
    """`delay_seconds` None means: when it is woken. `person` says that somebody outside is waited for."""

    verdict: Verdict
    found: Found = field(default_factory=dict)
    error: str = ""
    next_action: str = ""
    delay_seconds: float | None = None
    person: bool = False


def backoff_seconds(*, attempts: int) -> float:
    """The pause after so many attempts: exponential, capped, with full jitter.

    Jitter over the whole span lets many customers' runs, stopped by the same throttling, not come back as one
    (Exponential Backoff And Jitter, AWS Architecture Blog).
    """
    return random.uniform(0, min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** (attempts - 1)))  # noqa: S311


def outcome_of(error: Exception, *, attempts: int) -> Outcome:
    """The outcome of an attempt that raised `error`, the `attempts`-th since somebody last pressed retry."""
    if isinstance(error, StepWaiting):
        return Outcome(
            Verdict.WAIT,
            error=str(error),
            next_action=error.next_action,
            delay_seconds=error.poll_seconds,
            person=error.person,
        )
    if isinstance(error, StepRetry):
        return _retry(str(error), error.next_action, attempts)
    if isinstance(error, StepError):
        return Outcome(Verdict.FAIL, error=str(error), next_action=error.next_action)
    if isinstance(error, AwsError):
        if error.retryable:
            return _retry(str(error), error.next_action, attempts)
        return Outcome(Verdict.FAIL, error=str(error), next_action=error.next_action)
    if isinstance(error, DatabaseError) and not isinstance(error, ContextMissing):
        return _retry(_database_text(error), "Nothing now: it is tried again. If it lasts, check PostgreSQL.", attempts)
    return _unexpected(error)


def _retry(text: str, next_action: str, attempts: int) -> Outcome:
    if attempts < MAX_ATTEMPTS:
        delay = backoff_seconds(attempts=attempts)
        return Outcome(Verdict.RETRY, error=text, next_action=next_action, delay_seconds=delay)
    return Outcome(
        Verdict.FAIL,
        error=f"{text} (given up after {attempts} attempts)",
        next_action=f"Find out why it lasts, then press retry. {next_action}",
    )


def died_often(*, attempts: int) -> Outcome:
    """The outcome for a step in which one worker after the other died: not tried again unasked."""
    return Outcome(
        Verdict.FAIL,
        error=f"The worker died in this step, {attempts} times in all.",
        next_action="Look at the provisioner's memory and log, then press retry.",
    )


def _database_text(error: DatabaseError) -> str:
    """Its SQLSTATE: the message could repeat values."""
    code = getattr(error.__cause__, "sqlstate", None) or "no connection"
    return f"The database did not do it: {type(error).__name__} ({code})."


def _unexpected(error: Exception) -> Outcome:
    # The frames without the exception's message, which could hold anything.
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("a step failed unexpectedly: %s\n%s", type(error).__name__, frames)
    return Outcome(
        Verdict.FAIL,
        error=f"Unexpected {type(error).__name__}.",
        next_action="Look at the provisioner's log of this time, and report it as a fault; retry when it is mended.",
    )
