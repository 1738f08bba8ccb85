"""Periods of a month, by calendar days in UTC. Clock changes do not touch them: a day is a date, not 24 hours."""

import calendar
from datetime import date, timedelta

from django.conf import settings

from billing.models import Subscription


def next_period(start: date, anchor_day: int) -> date:
    """The first day after the period that begins on `start`: the anchor day of the next month, or its last day.

    An anchor of 31 gives 31 January, 28 February, 31 March: a short month moves none of the later ones.
    """
    year, month = (start.year + 1, 1) if start.month == 12 else (start.year, start.month + 1)
    return date(year, month, min(anchor_day, calendar.monthrange(year, month)[1]))


def grace_ends_on(subscription: Subscription) -> date:
    """The day on which a subscription that is past due is suspended."""
    return (subscription.past_due_on or subscription.trial_ends_on) + timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)
