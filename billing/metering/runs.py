"""From when to when Fargate is paid for a run, and which part of that falls on a day.

AWS: "Fargate pricing" (paid by the second from the start of the image's pull to the task's end, rounded up to a second,
one minute at least). Pure: knows times, no rows.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from billing.days import day_end, day_of, day_start

LEAST_SECONDS: Final = 60
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Paid time: from `start` up to, and without, `end`."""

    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        """The UTC day of its last moment."""
        return day_of(max(self.end - _MICROSECOND, self.start))

    def seconds_on(self, day: date) -> Decimal:
        """How many of its seconds are the day's; those of all days make the whole."""
        overlap = min(self.end, day_end(day)) - max(self.start, day_start(day))
        return Decimal(max(overlap, timedelta(0)) // _MICROSECOND) / 1_000_000


def paid_span(
    *,
    requested_at: datetime,
    pull_started_at: datetime | None,
    started_at: datetime | None,
    stopped_at: datetime | None,
    now: datetime,
) -> Span | None:
    """The time that is paid so far, or None where nothing was pulled.

    Where nobody told when the pull began, it is taken to have begun when the task was asked for: rather some seconds
    too many than too few.
    """
    if pull_started_at is None and started_at is None:
        return None
    start = pull_started_at or requested_at
    end = max(stopped_at or now, start)
    seconds = max(-((start - end) // _SECOND), LEAST_SECONDS)
    return Span(start, start + timedelta(seconds=seconds))
