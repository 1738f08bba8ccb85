"""The month of a budget: it begins and ends at midnight UTC, for every customer alike, as the agents count it."""

from datetime import UTC, datetime


def month_start(moment: datetime) -> datetime:
    """When the month of `moment` began."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month_start(moment: datetime) -> datetime:
    """When the month after that of `moment` begins."""
    first = month_start(moment)
    return first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)
