"""When an agent runs next. Owns the spread: customers onboarded together must not run together for ever."""

import random
from datetime import datetime, timedelta

from agents.models import Agent

# Of the interval, to either side.
SPREAD = 0.1


def next_run_after(*, agent: Agent, now: datetime) -> datetime:
    """One interval after `now`, a tenth earlier or later by chance."""
    seconds = agent.interval_minutes * 60
    return now + timedelta(seconds=seconds * random.uniform(1 - SPREAD, 1 + SPREAD))  # noqa: S311 (no secret)


def first_run_after(*, agent: Agent, now: datetime) -> datetime:
    """Some moment within the first interval."""
    return now + timedelta(seconds=agent.interval_minutes * 60 * random.random())  # noqa: S311 (no secret)
