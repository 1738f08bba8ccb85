"""Periods over a month's end, a leap day and a change of the clocks: each begins once, at midnight UTC."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from billing import services
from billing.models import Subscription
from billing.periods import next_period
from tests.billing.buyers import invoices, make_subscription


def at(moment: datetime, subscription: Subscription) -> int:
    """How many invoices there are after a sweep at this moment."""
    with transaction.atomic():
        locked = services.subscription_locked(subscription.pk)
        services.subscription_advance(subscription=locked, now=moment)
    return len(invoices(subscription))


@pytest.mark.parametrize(
    ("first", "zone"),
    [
        (date(2026, 1, 31), "America/New_York"),
        (date(2027, 12, 29), "Europe/Berlin"),
        (date(2026, 3, 29), "Pacific/Auckland"),
    ],
)
def test_each_period_of_a_year_begins_once_at_midnight_utc_whatever_clocks_show(
    first: date, zone: str, settings: Any
) -> None:
    settings.INVOICE_DUE_DAYS = 400
    subscription = make_subscription(trial_ends_on=first)
    start = first
    for number in range(13):
        midnight = datetime.combine(start, time(), tzinfo=UTC).astimezone(ZoneInfo(zone))
        just_before = (midnight.astimezone(UTC) - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
        assert [at(moment, subscription) for moment in (just_before, midnight, midnight)] == [number, *[number + 1] * 2]
        start = next_period(start, first.day)
    issued = invoices(subscription)
    assert [before.period_end for before in issued[:-1]] == [after.period_start for after in issued[1:]]
    assert all(before.period_start < after.period_start for before, after in pairwise(issued))
    assert issued[12].period_start == first.replace(year=first.year + 1), "twelve periods are a year"
