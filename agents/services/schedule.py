"""When an agent runs next. Owns the spread, as customers onboarded together must not run together, and the hours."""

import random
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from agents.models import Agent, DesiredState

# Of the interval, to either side.
SPREAD: Final = 0.1
# Monday to Friday, in the agent's time zone.
OFFICE_OPENS: Final = time(7)
OFFICE_CLOSES: Final = time(19)
_SATURDAY: Final = 5


def next_run_after(*, agent: Agent, now: datetime) -> datetime:
    """One interval after `now`, a tenth earlier or later by chance; within the agent's hours."""
    seconds = agent.interval_minutes * 60
    moment = now + timedelta(seconds=seconds * random.uniform(1 - SPREAD, 1 + SPREAD))  # noqa: S311 (no secret)
    return in_hours(agent=agent, moment=moment)


def first_run_after(*, agent: Agent, now: datetime) -> datetime:
    """Some moment within the first interval; within the agent's hours."""
    return in_hours(agent=agent, moment=now + _some_of_an_interval(agent))


def in_hours(*, agent: Agent, moment: datetime) -> datetime:
    """`moment`, or, when the agent keeps office hours and the office is closed then, soon after it opens.

    Only scheduled agents keep them.
    """
    if not agent.office_hours_in or agent.desired_state != DesiredState.SCHEDULED:
        return moment
    local = moment.astimezone(ZoneInfo(agent.office_hours_in))
    if local.weekday() < _SATURDAY and OFFICE_OPENS <= local.time() < OFFICE_CLOSES:
        return moment
    days = 0 if local.time() < OFFICE_OPENS else 1
    while (local + timedelta(days=days)).weekday() >= _SATURDAY:
        days += 1
    # By the wall clock, so that it opens at seven after a change of the clocks, too.
    opening = datetime.combine(local.date() + timedelta(days=days), OFFICE_OPENS, tzinfo=local.tzinfo)
    return opening + _some_of_an_interval(agent)


def _some_of_an_interval(agent: Agent) -> timedelta:
    return timedelta(seconds=agent.interval_minutes * 60 * random.random())  # noqa: S311 (no secret)
