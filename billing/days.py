"""Days and months of money. A day is UTC's: it has 24 hours, whatever clocks do elsewhere, and a month is its days."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta


def day_of(moment: datetime) -> date:
    """The UTC day of a moment."""
    return moment.astimezone(UTC).date()


def day_start(day: date) -> datetime:
    """Midnight UTC with which the day begins; the moment before that of the next day is its last."""
    return datetime.combine(day, time(), tzinfo=UTC)


def day_end(day: date) -> datetime:
    """When the next day begins."""
    return day_start(day + timedelta(days=1))


def month_first(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def month_after(day: date) -> date:
    """The first day of the month after the day's."""
    return month_first(month_first(day) + timedelta(days=31))


def days_in_month(day: date) -> int:
    """28 to 31."""
    return calendar.monthrange(day.year, day.month)[1]


def month_parse(text: str) -> date:
    """The first day of the month written as 2026-11. Raises ValueError."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise ValueError(f"“{text}” is no month: write it as 2026-11.") from None


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
