"""What runs that end mean for their agent, their customer and the onboarding."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.selectors import explain
from agents.services import agents_dispatch, agents_ensure, run_record
from tenants.models import (
    Customer,
    CustomerState,
    GmailConnection,
    GmailState,
    Provisioning,
    ProvisioningKind,
    ProvisioningState,
)
from tests.agents.factories import agent_of, make_run, stopped, task_arn
from tests.factories import make_customer


def end(agent: Agent, exit_code: int | None = 0, *, trigger: str = "schedule", **fields: Any) -> AgentRun:
    """The agent ran and ended so."""
    run = make_run(agent, task_arn=task_arn(), trigger=trigger)
    run_record(info=stopped(run.task_arn, exit_code, **fields))
    agent.refresh_from_db()
    return AgentRun.objects.select_related("agent", "tenant").get(pk=run.pk)


def active_agent(role: str = "butler") -> Agent:
    return agent_of(make_customer(state=CustomerState.ACTIVE), role)


def state_of(agent: Agent) -> tuple[str, str]:
    customer = Customer.objects.get(pk=agent.tenant_id)
    return customer.state, customer.state_reason


def test_three_failures_in_a_row_open_the_breaker_and_degrade_the_customer() -> None:
    agent = active_agent("scout")
    for failures in (1, 2):
        end(agent, 69)
        assert (agent.consecutive_failures, agent.breaker_reason) == (failures, "")
        assert state_of(agent) == (CustomerState.ACTIVE, "")

    run = end(agent, 69)
    assert agent.breaker_reason.startswith("3 runs in a row failed. The last: The database could not be reached")
    state, reason = state_of(agent)
    assert state == CustomerState.DEGRADED
    assert reason.startswith("Scout stopped: 3 runs in a row failed.")
    assert explain(run).next_action.endswith("No run starts by itself any more: start the agent when it is mended.")


def test_a_success_between_failures_starts_the_count_again() -> None:
    agent = active_agent()
    for exit_code in (69, 69, 0, 69, 69):
        end(agent, exit_code)
    assert (agent.consecutive_failures, agent.breaker_reason) == (2, "")


def test_a_success_after_the_breaker_makes_the_customer_active_again() -> None:
    agent = active_agent()
    for _ in range(3):
        end(agent, 69)
    end(agent, 0, trigger="staff")
    assert (agent.consecutive_failures, agent.breaker_reason) == (0, "")
    assert state_of(agent) == (CustomerState.ACTIVE, "")


def test_the_customer_stays_degraded_while_another_agent_is_held_back_or_gmail_is_lost() -> None:
    butler = active_agent()
    scout = agent_of(butler.tenant, "scout")
    for agent in (butler, scout):
        for _ in range(3):
            end(agent, 69)
    end(butler, 0, trigger="staff")
    assert state_of(butler)[0] == CustomerState.DEGRADED

    GmailConnection.objects.filter(tenant=butler.tenant).update(state=GmailState.NEEDS_RECONNECT)
    end(scout, 0, trigger="staff")
    assert state_of(butler)[0] == CustomerState.DEGRADED


@pytest.mark.parametrize(
    "fields",
    [
        {"exit_code": 143, "stop_code": "UserInitiated"},
        {"exit_code": 143, "stop_code": "SpotInterruption"},
        {"exit_code": None, "stop_code": "TerminationNotice"},
    ],
)
def test_what_is_not_the_agents_fault_counts_neither_way(fields: dict[str, Any]) -> None:
    agent = active_agent()
    end(agent, 69)
    end(agent, 69)
    for _ in range(3):
        end(agent, **fields)
    assert (agent.consecutive_failures, agent.breaker_reason) == (2, "")


def test_an_interrupted_agent_goes_on_at_once_and_a_scheduled_one_at_its_time() -> None:
    agent = active_agent()
    later = timezone.now() + timedelta(minutes=10)
    Agent.objects.filter(pk=agent.pk).update(next_run_at=later)
    end(agent, 0)
    assert agent.next_run_at == later
    end(agent, 143, stop_code="SpotInterruption")
    assert agent.next_run_at is not None
    assert agent.next_run_at <= timezone.now()


def test_an_always_on_agent_that_fails_waits_longer_each_time() -> None:
    agent = active_agent()
    agent.desired_state = "always_on"
    agent.save()
    waits = []
    for _ in range(2):
        end(agent, 70)
        assert agent.next_run_at is not None
        waits.append(round((agent.next_run_at - timezone.now()).total_seconds()))
    assert waits == [60, 120]
    end(agent, 0)
    assert agent.next_run_at is not None
    assert agent.next_run_at <= timezone.now()


def test_failures_while_onboarding_count_and_trip_nothing() -> None:
    agent = agent_of(make_customer(state=CustomerState.PROVISIONING))
    for _ in range(4):
        end(agent, 69, trigger="onboarding")
    assert (agent.consecutive_failures, agent.breaker_reason) == (4, "")
    assert state_of(agent) == (CustomerState.PROVISIONING, "")


def test_the_breaker_closes_when_the_customer_has_connected_gmail_again() -> None:
    agent = active_agent()
    gmail = GmailConnection.objects.filter(tenant=agent.tenant)
    gmail.update(state=GmailState.CONNECTED, connected_at=timezone.now() - timedelta(days=1))
    for _ in range(3):
        end(agent, 67)
    Agent.objects.update(desired_state="stopped")
    agents_dispatch()
    agent.refresh_from_db()
    assert agent.breaker_reason

    gmail.update(connected_at=timezone.now() + timedelta(seconds=1))
    agents_dispatch()
    agents_dispatch()
    agent.refresh_from_db()
    assert (agent.consecutive_failures, agent.breaker_reason) == (0, "")


@pytest.mark.parametrize(
    ("state", "woken"), [("provisioning", True), ("awaiting_gmail", True), ("offboarding", True), ("active", False)]
)
def test_a_run_that_ends_wakes_its_customers_provisioning(state: str, woken: bool) -> None:
    agent = agent_of(make_customer(state=state))
    waiting = Provisioning.objects.create(
        tenant=agent.tenant,
        kind=ProvisioningKind.ONBOARD,
        state=ProvisioningState.WAITING,
        next_attempt_at=timezone.now() + timedelta(hours=1),
    )
    end(agent, 0)
    waiting.refresh_from_db()
    assert waiting.next_attempt_at is not None
    assert (waiting.next_attempt_at <= timezone.now()) is woken


def test_agents_are_made_once_and_spread_over_their_interval() -> None:
    customer = make_customer()
    first = agents_ensure(customer=customer)
    assert [(agent.role, agent.desired_state, agent.interval_minutes) for agent in first] == [
        ("butler", "scheduled", 15), ("scout", "scheduled", 15), ("writer", "scheduled", 15),
    ]  # fmt: skip
    assert agents_ensure(customer=customer) == first
    now = timezone.now()
    times = [agent.next_run_at for agent in first]
    assert len(set(times)) == 3
    assert all(time is not None and now - timedelta(minutes=1) < time < now + timedelta(minutes=15) for time in times)
