"""The real program in the real (embedded) Fargate: three agents start, prove themselves, and are taken away."""

import time
from datetime import timedelta

import pytest

from agents.models import Agent, AgentRun, AgentRunState
from agents.onboarding.agents_step import AgentsStep
from agents.onboarding.proof_of_life import ProofOfLifeStep
from agents.selectors import proof_of_life, runs_latest
from agents.services import agent_desire, agent_start, agent_stop
from openclaw_site.devstack.world import World
from tenants.models import Customer, CustomerState
from tenants.onboarding.steps.base import Found, Step, StepWaiting
from tests.agents.cluster import Cluster, until
from tests.agents.factories import agent_of, connect_gmail, make_provisioned_customer

ROLES = {"butler", "scout", "writer"}


def walk(step: Step, customer: Customer, *, undo: bool = False, seconds: float = 60) -> Found:
    """Apply (or undo) the step as the machine does: again after each wait, until it is done."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return step.undo(customer) if undo else step.apply(customer)
        except StepWaiting as waiting:
            if waiting.poll_seconds is None:
                raise
            assert time.monotonic() < deadline, str(waiting)
            time.sleep(waiting.poll_seconds / 2)


def test_three_agents_prove_themselves_and_are_taken_away(aws: World) -> None:
    customer = make_provisioned_customer(aws)

    tasks = AgentsStep().apply(customer)
    AgentsStep().verify(customer)
    assert set(tasks) == ROLES
    assert AgentsStep().apply(customer) == tasks  # Applied again: the same three tasks.

    found = walk(ProofOfLifeStep(), customer)
    ProofOfLifeStep().verify(customer)
    assert set(found) == ROLES
    assert {role: at.isoformat() for role, at in proof_of_life(customer=customer).items()} == found
    assert {role: (run.state, run.exit_code) for role, run in runs_latest(customer=customer).items()} == dict.fromkeys(
        ROLES, (AgentRunState.SUCCEEDED, 0)
    )
    assert ProofOfLifeStep().apply(customer) == found
    assert AgentRun.objects.count() == 3
    # Both are told by ECS; what is paid for begins with the pull.
    for run in AgentRun.objects.all():
        assert run.pull_started_at is not None and run.started_at is not None
        assert run.requested_at - timedelta(seconds=1) < run.pull_started_at <= run.started_at

    assert walk(AgentsStep(), customer, undo=True) == {"agents": 3, "runs": 3, "strays": 0}
    assert (Agent.objects.count(), AgentRun.objects.count()) == (0, 0)
    assert AgentsStep().undo(customer) == {}
    assert AgentsStep().remains(customer) == []


def test_a_revoked_consent_waits_for_the_customer_and_goes_on_after_the_next_consent(aws: World) -> None:
    customer = make_provisioned_customer(aws)
    aws.google.withdraw(customer.email)
    AgentsStep().apply(customer)

    def asked_for_a_person() -> StepWaiting | None:
        try:
            ProofOfLifeStep().apply(customer)
        except StepWaiting as waiting:
            return waiting if waiting.person else None
        return None

    waiting = until(asked_for_a_person, seconds=60)
    assert "no longer accepts" in str(waiting)
    assert waiting.next_action == "Ask the customer to connect Gmail again."
    until(lambda: (asked_for_a_person() and not AgentRun.objects.exclude(state=AgentRunState.FAILED).exists()) or None)
    assert asked_for_a_person() is not None  # Woken without a new consent: nothing is started.
    assert AgentRun.objects.count() == 3

    connect_gmail(aws, customer)
    assert set(walk(ProofOfLifeStep(), customer)) == ROLES
    assert AgentRun.objects.count() == 6


def test_an_always_on_agent_is_proven_while_it_runs_and_stops_when_asked(aws: World, cluster: Cluster) -> None:
    from django.conf import settings

    settings.ECS_TASK_DEFINITION_PREFIX = "openclaw-dev"
    customer = make_provisioned_customer(aws, state=CustomerState.ACTIVE)
    agent = agent_desire(agent=agent_of(customer), desired_state="always_on", actor=None)
    run = agent_start(agent=agent, trigger="staff")
    cluster.run_until(run, AgentRunState.RUNNING)
    until(lambda: proof_of_life(customer=customer).get("butler"), seconds=40)

    with pytest.raises(StepWaiting) as caught:  # The two others were started; Butler is proven.
        ProofOfLifeStep().apply(customer)
    assert "Butler" not in str(caught.value)
    assert set(walk(ProofOfLifeStep(), customer)) == ROLES

    assert agent_stop(agent=agent, reason="the test ends") is True
    ended = cluster.run_until(run, AgentRunState.SUCCEEDED)
    assert (ended.stop_code, ended.stopped_reason) == ("UserInitiated", "the test ends")
