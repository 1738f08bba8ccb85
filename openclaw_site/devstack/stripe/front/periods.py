"""Billing periods: months and years are those of the calendar, at the anchor's day and time of day (UTC)."""

import calendar
from datetime import UTC, datetime, timedelta

INTERVALS = ("day", "week", "month", "year")


def step(anchor: int, times: int, *, interval: str, count: int) -> int:
    """The moment `times` periods after the anchor (before it, if negative). The 31st becomes a short month's last."""
    moment = datetime.fromtimestamp(anchor, UTC)
    if interval in ("day", "week"):
        days = times * count * (7 if interval == "week" else 1)
        return int((moment + timedelta(days=days)).timestamp())
    months = moment.month - 1 + times * count * (12 if interval == "year" else 1)
    year, month = moment.year + months // 12, months % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return int(moment.replace(year=year, month=month, day=day).timestamp())


def following(anchor: int, after: int, *, interval: str, count: int) -> int:
    """The first end of a period that lies after a moment; the anchor itself, where it is still to come."""
    times = 0
    while (moment := step(anchor, times, interval=interval, count=count)) <= after:
        times += 1
    return moment
