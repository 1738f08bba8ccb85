"""What a failure means: try again later, wait, or ask a person. Texts that people read are made here."""

import logging
import random

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError

from openclaw_site.aws.errors import AwsError
from tenants.onboarding.steps.base import StepError, StepFailed, StepRetry

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
BASE_SECONDS = 1.0
CAP_SECONDS = 60.0


def backoff_seconds(attempts: int) -> float:
    """How long to wait after the given number of tries: exponential with full jitter, never under a quarter second."""
    ceiling = min(CAP_SECONDS, BASE_SECONDS * 2 ** min(attempts - 1, 10))
    return 0.25 + random.uniform(0, ceiling)  # noqa: S311 (spreads load, guards nothing)


def as_step_error(error: Exception) -> StepError:
    """Any failure of a step in the machine's words. What is unknown needs a person; its text stays in the log."""
    if isinstance(error, StepError):
        return error
    if isinstance(error, AwsError):
        kind = StepRetry if error.retryable else StepFailed
        return kind(str(error), next_action=error.next_action)
    if isinstance(error, (OperationalError, InterfaceError)):
        return StepRetry(
            "The database did not answer, or broke the connection.",
            next_action="Nothing now: it is tried again. If it lasts, check the database.",
        )
    if isinstance(error, DatabaseError):
        return StepFailed(
            f"The database refused: {str(error).splitlines()[0][:300]}",
            next_action="Check the grants of the owner's login with `manage.py bootstrap_database`, then retry.",
        )
    logger.exception("A provisioning step failed in an unexpected way.")
    return StepFailed(
        f"Unexpected {type(error).__name__}.",
        next_action="Read the provisioner's log for the place in the code, mend it, then retry.",
    )
