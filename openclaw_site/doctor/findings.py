"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. Only a problem makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what is so, and what a person should do next ("" when nothing). No secrets."""

    level: Level
    what: str
    next_action: str = ""


def ok(what: str) -> Finding:
    """It is as it should be."""
    return Finding(Level.OK, what)


def warning(what: str, next_action: str) -> Finding:
    """It works, and will not for long or not well."""
    return Finding(Level.WARNING, what, next_action)


def problem(what: str, next_action: str) -> Finding:
    """Something does not work."""
    return Finding(Level.PROBLEM, what, next_action)


def skipped(what: str, next_action: str = "") -> Finding:
    """It could not be looked at from here."""
    return Finding(Level.SKIPPED, what, next_action)
