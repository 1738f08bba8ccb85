"""A spent budget: agents wait for the next month or for a larger budget, and then go on by themselves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.months import month_start, next_month_start
from agents.selectors import agents_due, hindrances
from agents.services import agent_desire, agent_start, agents_dispatch, run_record
from billing.models import Plan
from tenants.models import Customer, CustomerState, GmailConnection, GmailState
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_agent, make_run, stopped, task_arn
from tests.agents.workspaces import make_customer_with_schema, spend
from tests.factories import make_customer

TEAM_BUDGET = 50_000_000  # Micro-USD a month.
SPENT = 77


@pytest.fixture(autouse=True)
def plans() -> Iterator[None]:
    """The plans are as they were, afterwards."""
    budgets = dict(Plan.objects.values_list("code", "model_budget_cents"))
    yield
    for code, cents in budgets.items():
        Plan.objects.filter(code=code).update(model_budget_cents=cents)


def clock(moment: datetime) -> Any:
    """Django's clock stands at this moment."""
    return mock.patch("django.utils.timezone.now", return_value=moment)


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type,misc]


def due_customer(**fields: Any) -> Customer:
    """A customer whose Butler alone is wanted, and due. It is always on, so that only the budget is asked for."""
    customer = make_customer_with_schema(**fields)
    GmailConnection.objects.filter(tenant=customer).update(state=GmailState.CONNECTED)
    agent_of(customer)
    Agent.objects.filter(tenant=customer).exclude(role="butler").update(desired_state="stopped")
    Agent.objects.filter(tenant=customer, role="butler").update(desired_state="always_on", next_run_at=None)
    return customer


def butler(customer: Customer) -> Agent:
    return agent_of(customer, "butler")


def ended_broke(agent: Agent, began_at: datetime, ended_at: datetime) -> Agent:
    """A run of the agent met a spent budget."""
    run = make_run(agent, task_arn=task_arn(), model_budget_cents=5_000)
    AgentRun.objects.filter(pk=run.pk).update(requested_at=began_at)
    with clock(ended_at):
        run_record(info=stopped(run.task_arn, SPENT, started_at=began_at, stopped_at=ended_at))
    agent.refresh_from_db()
    return agent


@pytest.mark.parametrize(
    ("moment", "start", "following"),
    [
        (utc(2026, 11, 30, 23, 59, 59), utc(2026, 11, 1), utc(2026, 12, 1)),
        (utc(2026, 12, 1), utc(2026, 12, 1), utc(2027, 1, 1)),
        (utc(2026, 12, 31, 23, 59), utc(2026, 12, 1), utc(2027, 1, 1)),
        (utc(2028, 2, 29, 12), utc(2028, 2, 1), utc(2028, 3, 1)),
        (datetime.fromisoformat("2026-12-01T00:30:00+02:00"), utc(2026, 11, 1), utc(2026, 12, 1)),
    ],
)
def test_months_are_those_of_utc(moment: datetime, start: datetime, following: datetime) -> None:
    assert (month_start(moment), next_month_start(moment)) == (start, following)


@pytest.mark.parametrize("desired_state", ["scheduled", "always_on"])
def test_a_run_that_met_a_spent_budget_is_not_repeated_before_the_next_month(desired_state: str) -> None:
    agent = agent_of(make_customer(state="active"))
    Agent.objects.filter(pk=agent.pk).update(desired_state=desired_state)
    for _ in range(4):
        ended_broke(agent, utc(2026, 11, 9, 10), utc(2026, 11, 9, 11))
    assert agent.next_run_at is not None
    assert timedelta(0) <= agent.next_run_at - utc(2026, 12, 1) <= timedelta(minutes=15)
    # No fault of the agent: nothing is counted, nothing trips, the customer stays active.
    assert (agent.consecutive_failures, agent.breaker_reason) == (0, "")
    assert Customer.objects.get(pk=agent.tenant_id).state == CustomerState.ACTIVE


def test_the_end_of_the_year_is_the_end_of_a_month() -> None:
    agent = ended_broke(agent_of(make_customer(state="active")), utc(2026, 12, 31, 23), utc(2026, 12, 31, 23, 59))
    assert agent.next_run_at is not None
    assert timedelta(0) <= agent.next_run_at - utc(2027, 1, 1) <= timedelta(minutes=15)


def test_a_run_that_ends_just_after_the_month_it_spent_does_not_cost_another_month() -> None:
    ended_at = utc(2026, 12, 1, 0, 2)
    agent = ended_broke(agent_of(make_customer(state="active")), utc(2026, 11, 30, 23, 58), ended_at)
    assert agent.spent_budget_cents is None
    assert agent.next_run_at is not None
    assert timedelta(minutes=13) < agent.next_run_at - ended_at < timedelta(minutes=17)


def test_nothing_is_started_for_a_customer_that_has_spent_its_budget(cluster: Cluster) -> None:
    broke, solvent = due_customer(), due_customer()
    spend(broke, TEAM_BUDGET - 1_000)
    spend(broke, 1_000)
    spend(solvent, TEAM_BUDGET - 1)
    done = agents_dispatch()
    assert (done.started, done.held) == (1, 1)
    assert [run.tenant_id for run in AgentRun.objects.all()] == [solvent.id]
    month_end = next_month_start(timezone.now())
    waiting = butler(broke)
    assert waiting.next_run_at is not None
    assert timedelta(0) <= waiting.next_run_at - month_end <= timedelta(minutes=15)
    (why,) = hindrances(agent=waiting)
    assert why.cause == f"The model budget for {month_end - timedelta(days=1):%B} is spent (50.00 USD)."
    assert "or as soon as its plan's budget is raised" in why.next_action
    assert agents_dispatch().held == 0  # It is not looked at again.


def test_what_was_spent_before_the_month_began_does_not_count(cluster: Cluster) -> None:
    customer = due_customer()
    spend(customer, TEAM_BUDGET, at=month_start(timezone.now()) - timedelta(seconds=1))
    assert agents_dispatch().started == 1


def test_a_scheduled_agent_is_held_without_a_look_at_its_mailbox(cluster: Cluster) -> None:
    customer = due_customer()  # It has no token: a look would find that Gmail must be connected again.
    Agent.objects.filter(tenant=customer, role="butler").update(desired_state="scheduled")
    spend(customer, TEAM_BUDGET)
    assert agents_dispatch().held == 1
    assert GmailConnection.objects.get(tenant=customer).state == GmailState.CONNECTED


def test_the_wait_ends_with_the_month(cluster: Cluster) -> None:
    customer = due_customer()
    spend(customer, TEAM_BUDGET)
    agents_dispatch()
    waits_until = butler(customer).next_run_at
    assert waits_until is not None
    with clock(next_month_start(timezone.now()) - timedelta(seconds=1)):
        assert (agents_dispatch().started, butler(customer).next_run_at) == (0, waits_until)
    with clock(waits_until + timedelta(seconds=1)):
        assert agents_dispatch().started == 1
        assert (butler(customer).spent_budget_cents, hindrances(agent=butler(customer))) == (None, [])


@pytest.mark.parametrize("how", ["a larger budget", "another plan"])
def test_the_wait_ends_when_the_budget_is_raised(cluster: Cluster, how: str) -> None:
    customer, other = due_customer(), due_customer(plan="starter")
    spend(customer, TEAM_BUDGET)
    spend(other, TEAM_BUDGET)
    assert agents_dispatch().held == 2
    if how == "a larger budget":
        Plan.objects.filter(code="team").update(model_budget_cents=5_100)
    else:
        Customer.objects.filter(pk=customer.pk).update(plan="always-on")
    assert agents_dispatch().started == 1
    run = AgentRun.objects.get()
    assert (run.tenant_id, butler(customer).spent_budget_cents) == (customer.pk, None)
    assert run.model_budget_cents == (5_100 if how == "a larger budget" else 12_000)
    assert butler(other).spent_budget_cents == 2_000


def test_a_larger_budget_opens_no_office_at_night(cluster: Cluster) -> None:
    customer = due_customer()
    night = {"desired_state": "scheduled", "office_hours_in": "Europe/Berlin", "follows_plan": False}
    waits = {"spent_budget_cents": 4_000, "next_run_at": utc(2026, 12, 1, 6, 1)}
    Agent.objects.filter(tenant=customer, role="butler").update(**night, **waits)
    with clock(utc(2026, 11, 25, 2)):
        assert agents_dispatch().started == 0
    opened_at = butler(customer).next_run_at
    assert opened_at is not None
    assert timedelta(0) <= opened_at - utc(2026, 11, 25, 6) <= timedelta(minutes=15)


def test_a_smaller_budget_holds_who_spent_more_than_it(cluster: Cluster) -> None:
    customer = due_customer()
    spend(customer, TEAM_BUDGET // 2)
    Plan.objects.filter(code="team").update(model_budget_cents=2_500)
    assert agents_dispatch().held == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"desired_state": "scheduled", "interval_minutes": 60},
        {"desired_state": "scheduled", "office_hours_in": "Europe/Berlin"},
        {"desired_state": "always_on"},
        {"desired_state": "stopped"},
    ],
)
def test_another_wish_does_not_end_the_wait_nor_change_what_is_said_of_it(wish: dict[str, Any]) -> None:
    agent = agent_of(make_customer(state="active"))
    begun = datetime(2098, 11, 9, 10, tzinfo=UTC)
    ended_broke(agent, begun, begun)
    (before,) = hindrances(agent=agent)
    with clock(begun):
        wanted = agent_desire(agent=agent, actor=None, **wish)
        assert agents_due(now=timezone.now()).filter(pk=agent.pk).count() == 0
    assert wanted.next_run_at is not None
    assert timedelta(0) <= wanted.next_run_at - utc(2098, 12, 1) < timedelta(hours=8)
    assert [why.cause for why in hindrances(agent=wanted)] == [before.cause]
    assert "for November" in before.cause


def test_an_always_on_agent_goes_on_when_the_month_begins_whatever_the_office_does() -> None:
    agent = agent_of(make_customer(state="active"))
    Agent.objects.filter(pk=agent.pk).update(desired_state="always_on", office_hours_in="Europe/Berlin")
    ended_broke(agent, utc(2026, 11, 9, 10), utc(2026, 11, 9, 11))
    assert agent.next_run_at is not None
    assert timedelta(0) <= agent.next_run_at - utc(2026, 12, 1) <= timedelta(minutes=15)


def test_staff_can_start_an_agent_that_waits(cluster: Cluster) -> None:
    agent = ended_broke(make_agent(), timezone.now(), timezone.now())
    assert agent.spent_budget_cents == 5_000
    run = agent_start(agent=agent, trigger="staff")
    agent.refresh_from_db()
    assert (run.task_arn != "", agent.spent_budget_cents) == (True, None)


def test_a_customer_whose_schema_can_not_be_read_is_not_held(cluster: Cluster) -> None:
    customer = make_customer(state="active")
    GmailConnection.objects.filter(tenant=customer).update(state=GmailState.CONNECTED)
    agent_of(customer)
    Agent.objects.filter(tenant=customer).update(desired_state="always_on", next_run_at=None)
    assert agents_dispatch().held == 0
    assert AgentRun.objects.count() == 3
