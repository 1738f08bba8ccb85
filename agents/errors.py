"""Why an agent could not be started, stopped or changed, and what a person should do about it.

Owns the refusals of this app's services. What ECS refuses comes as an error of `openclaw_site.aws.errors` and is
recorded on the run; it becomes `StartFailed` when no repetition would help.
"""

from typing import ClassVar

from django.db.utils import DatabaseError
from psycopg.errors import InvalidSchemaName, UndefinedTable


class AgentError(Exception):
    """The service did nothing. `next_action` is for a person; `passing` says whether it passes by itself."""

    passing: ClassVar[bool] = False

    def __init__(self, message: str, *, next_action: str) -> None:
        super().__init__(message)
        self.next_action = next_action


class AgentMissing(AgentError):
    """The agent went away (its customer was closed)."""


class AlreadyRunning(AgentError):
    """The agent has an open run, and never has two."""

    passing = True


class AgentsPaused(AgentError):
    """The customer or the whole fleet is paused."""

    passing = True


class NotRunnable(AgentError):
    """The customer's state does not allow it."""


class BreakerOpen(AgentError):
    """Runs kept failing, so nothing but a person starts another."""


class PlanMissing(AgentError):
    """The customer's plan does not exist, so nobody knows what its agents may do."""


class StartFailed(AgentError):
    """ECS refused the task for a reason that a repetition won't change. The run is recorded as failed."""


def is_schema_missing(error: DatabaseError) -> bool:
    """Whether a statement failed because the customer has no schema (yet, or any more), which no repetition changes."""
    return isinstance(error.__cause__, UndefinedTable | InvalidSchemaName)
