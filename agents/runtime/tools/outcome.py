"""How calls of tools end."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a call ended, as activities and logs say it."""

    DONE = "done"
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    REFUSED = "refused"  # another role's tool, or none at all
    BAD_ARGUMENTS = "bad_arguments"
    NOT_FOUND = "not_found"
    FOREIGN_THREAD = "foreign_thread"
    DECIDED = "decided"
    OTHER_LEAD = "other_lead"
    NOT_EVIDENT = "not_evident"
    GMAIL_FAILED = "gmail_failed"
    DATABASE_FAILED = "database_failed"
    TOO_MANY = "too_many"
    STOPPED = "stopped"
    INTERNAL_ERROR = "internal_error"

    @property
    def is_failure(self) -> bool:
        """Whether the model was told that nothing was done."""
        return self not in (Outcome.DONE, Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.EMPTY)
