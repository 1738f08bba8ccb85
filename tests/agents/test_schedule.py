"""When an agent runs next: spread over its interval, and within its office's hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from agents.models import Agent
from agents.services import agent_desire
from agents.services.schedule import first_run_after, in_hours, next_run_after
from tests.agents.factories import agent_of
from tests.factories import make_customer

BERLIN = ZoneInfo("Europe/Berlin")


def office(interval_minutes: int = 15) -> Agent:
    return Agent(interval_minutes=interval_minutes, office_hours_in="Europe/Berlin")


def berlin(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


def test_around_the_clock_means_an_interval_later_give_or_take_a_tenth() -> None:
    now = datetime(2026, 11, 22, 3, tzinfo=UTC)  # A Sunday night.
    for _ in range(50):
        later = next_run_after(agent=Agent(interval_minutes=60), now=now) - now
        assert timedelta(minutes=54) <= later <= timedelta(minutes=66)
        assert timedelta(0) <= first_run_after(agent=Agent(interval_minutes=60), now=now) - now <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (berlin(2026, 11, 24, 6, 59), berlin(2026, 11, 24, 7)),  # Before it opens, the same day.
        (berlin(2026, 11, 24, 19), berlin(2026, 11, 25, 7)),  # After it closed, the next day,
        (berlin(2026, 11, 27, 19, 30), berlin(2026, 11, 30, 7)),  # over the weekend,
        (berlin(2026, 11, 28, 12), berlin(2026, 11, 30, 7)),  # from within it,
        (berlin(2026, 3, 27, 20), berlin(2026, 3, 30, 7)),  # and over a change of the clocks.
        (datetime(2026, 11, 24, 5, 30, tzinfo=UTC), berlin(2026, 11, 24, 7)),  # By the office's clock, not ours.
    ],
)
def test_outside_office_hours_it_is_soon_after_the_opening(moment: datetime, opening: datetime) -> None:
    for _ in range(20):
        assert timedelta(0) <= in_hours(agent=office(), moment=moment) - opening <= timedelta(minutes=15)


@pytest.mark.parametrize("moment", [berlin(2026, 11, 24, 7), berlin(2026, 11, 27, 18, 59)])
def test_within_office_hours_nothing_is_moved(moment: datetime) -> None:
    assert in_hours(agent=office(), moment=moment) == moment


def test_hours_are_kept_for_a_scheduled_agent_and_an_unknown_zone_is_refused() -> None:
    agent = agent_of(make_customer(state="active"))
    wanted = agent_desire(agent=agent, desired_state="scheduled", office_hours_in="Europe/Berlin", actor=None)
    assert wanted.next_run_at is not None
    assert in_hours(agent=wanted, moment=wanted.next_run_at) == wanted.next_run_at
    with pytest.raises(ValidationError, match="no time zone"):
        agent_desire(agent=agent, desired_state="scheduled", office_hours_in="Mars/Olympus", actor=None)
    assert agent_desire(agent=agent, desired_state="scheduled", office_hours_in="", actor=None).office_hours_in == ""


def test_only_scheduled_agents_keep_office_hours() -> None:
    night = berlin(2026, 11, 25, 3)
    agent = office()
    agent.desired_state = "always_on"
    assert in_hours(agent=agent, moment=night) == night
    assert timedelta(0) <= first_run_after(agent=agent, now=night) - night <= timedelta(minutes=15)
