"""From when to when Fargate is paid, and how that falls on days. Arithmetic alone, no rows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.days import days_between, days_in_month, month_after, month_parse
from billing.metering.runs import paid_span

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def seconds(day: date, start: datetime, stop: datetime | None, now: datetime = NOON) -> Decimal:
    span = paid_span(requested_at=start, pull_started_at=start, started_at=start, stopped_at=stop, now=now)
    assert span is not None
    return span.seconds_on(day)


@pytest.mark.parametrize(
    ("ran", "paid"), [(0, 60), (1, 60), (59.9, 60), (60, 60), (60.000001, 61), (61, 61), (61.5, 62), (3600, 3600)]
)
def test_a_minute_at_least_and_whole_seconds(ran: float, paid: int) -> None:
    assert seconds(date(2026, 11, 24), NOON, NOON + timedelta(seconds=ran)) == paid


def test_paid_from_the_pull_on_and_not_from_the_start() -> None:
    pull, start = NOON, NOON + timedelta(seconds=57)
    stop = NOON + timedelta(seconds=100)
    span = paid_span(
        requested_at=NOON - timedelta(seconds=9), pull_started_at=pull, started_at=start, stopped_at=stop, now=stop
    )
    assert span is not None and (span.start, span.end) == (pull, stop)


def test_an_unknown_pull_counts_from_the_request_and_none_at_all_costs_nothing() -> None:
    asked, stop = NOON, NOON + timedelta(seconds=100)
    known = paid_span(requested_at=asked, pull_started_at=None, started_at=stop, stopped_at=stop, now=stop)
    assert known is not None and known.start == asked
    assert paid_span(requested_at=asked, pull_started_at=None, started_at=None, stopped_at=stop, now=stop) is None


# Start, stop, and the seconds of each day: over midnight, a month's end, a year's end, a leap day, the nights in which
# clocks in Berlin and New York change, and the one minute that reaches over midnight.
SPLITS = [
    ("2026-11-24T23:59:00", "2026-11-25T00:02:00", {"2026-11-24": 60, "2026-11-25": 120}),
    ("2026-11-30T23:30:00", "2026-12-01T00:30:00", {"2026-11-30": 1800, "2026-12-01": 1800}),
    ("2026-12-31T23:59:59", "2027-01-01T00:10:00", {"2026-12-31": 1, "2027-01-01": 600}),
    ("2028-02-28T00:00:00", "2028-03-01T00:00:00", {"2028-02-28": 86400, "2028-02-29": 86400, "2028-03-01": 0}),
    ("2026-10-25T00:00:00", "2026-10-26T00:00:00", {"2026-10-24": 0, "2026-10-25": 86400, "2026-10-26": 0}),
    ("2027-03-28T00:00:00", "2027-03-29T00:00:00", {"2027-03-28": 86400}),
    ("2026-11-01T00:00:00", "2026-11-02T00:00:00", {"2026-11-01": 86400}),
    ("2026-11-24T23:59:50", "2026-11-24T23:59:55", {"2026-11-24": 10, "2026-11-25": 50}),
    ("2026-11-24T23:59:59.400000", "2026-11-25T00:01:00", {"2026-11-24": "0.6", "2026-11-25": "60.4"}),
]


@pytest.mark.parametrize(("start", "stop", "days"), SPLITS)
def test_each_utc_day_has_its_own_seconds_and_all_have_the_whole(
    start: str, stop: str, days: dict[str, object]
) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, stop))
    for day, expected in days.items():
        assert seconds(date.fromisoformat(day), first, last) == Decimal(str(expected)), day
    around = days_between(first.date() - timedelta(days=2), last.date() + timedelta(days=2))
    whole = max(-((first - last) // timedelta(seconds=1)), 60)
    assert sum(seconds(day, first, last) for day in around) == whole


def test_local_times_count_by_their_moment() -> None:
    berlin = datetime.fromisoformat("2026-11-25T00:30:00+01:00")
    assert seconds(date(2026, 11, 24), berlin, berlin + timedelta(minutes=5)) == 300
    assert seconds(date(2026, 11, 25), berlin, berlin + timedelta(minutes=5)) == 0


def test_an_open_run_counts_up_to_now() -> None:
    assert seconds(date(2026, 11, 24), NOON - timedelta(hours=2), None) == 7200
    assert seconds(date(2026, 11, 23), NOON - timedelta(hours=13), None) == 3600


@pytest.mark.parametrize(
    ("day", "days", "after"),
    [
        (date(2026, 2, 28), 28, date(2026, 3, 1)),
        (date(2028, 2, 1), 29, date(2028, 3, 1)),
        (date(2026, 11, 30), 30, date(2026, 12, 1)),
        (date(2026, 12, 31), 31, date(2027, 1, 1)),
    ],
)
def test_months_have_their_days(day: date, days: int, after: date) -> None:
    assert (days_in_month(day), month_after(day)) == (days, after)


@pytest.mark.parametrize("text", ["2026", "2026-13", "november", "", "2026-11-01", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-11"):
        month_parse(text)
