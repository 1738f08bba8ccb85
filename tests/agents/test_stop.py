"""Stopping: the wish is kept until ECS has done it."""

import pytest
from django.core.exceptions import ValidationError

from agents.models import AgentRun, AgentRunState
from agents.selectors import explain
from agents.services import (
    agent_desire,
    agent_runs_reconcile,
    agent_start,
    agent_stop,
    customer_runs_stop,
    run_launch,
    run_stop,
)
from openclaw_site.aws.clients import reset_clients
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_agent, make_run, set_age, task_arn
from tests.aws.faults import closed_port
from tests.factories import make_customer

OBEYS = "trap 'exit 143' TERM; sleep 30 & wait"
IGNORES = "trap '' TERM; while :; do sleep 1; done"


@pytest.mark.parametrize(
    ("program", "exit_code"), [(OBEYS, 143), (IGNORES, 137), ("trap 'exit 0' TERM; sleep 30 & wait", 0)]
)
def test_a_stop_that_was_asked_for_is_no_failure(cluster: Cluster, program: str, exit_code: int) -> None:
    cluster.define(program)
    agent = make_agent()
    run = cluster.run_until(agent_start(agent=agent, trigger="staff"), AgentRunState.RUNNING)

    assert agent_stop(agent=agent, reason="holiday") is True
    assert AgentRun.objects.get().state == AgentRunState.STOPPING
    assert agent_stop(agent=agent, reason="holiday") is True  # Asked again: nothing more happens.

    run = cluster.run_until(run, AgentRunState.SUCCEEDED, AgentRunState.FAILED)
    assert (run.state, run.exit_code, run.stop_code) == (AgentRunState.SUCCEEDED, exit_code, "UserInitiated")
    assert explain(run).cause.startswith("It was stopped as asked: holiday")
    assert ("killed" in explain(run).cause) is (exit_code == 137)
    assert (run.agent.consecutive_failures, run.agent.breaker_reason) == (0, "")
    assert agent_stop(agent=agent, reason="holiday") is False


def test_a_failure_that_shows_while_stopping_remains_a_failure(cluster: Cluster) -> None:
    cluster.define("trap 'exit 69' TERM; sleep 30 & wait")
    agent = make_agent()
    run = cluster.run_until(agent_start(agent=agent, trigger="staff"), AgentRunState.RUNNING)
    agent_stop(agent=agent, reason="holiday")
    run = cluster.run_until(run, AgentRunState.SUCCEEDED, AgentRunState.FAILED)
    assert (run.state, run.exit_code, run.agent.consecutive_failures) == (AgentRunState.FAILED, 69, 1)


def test_a_run_stopped_before_its_start_is_recorded_stops_its_task(cluster: Cluster) -> None:
    cluster.define(OBEYS)
    run = make_run(make_agent())
    before_call = AgentRun.objects.select_related("agent", "tenant").get()
    run_stop(run=run, reason="changed our mind")  # Another process, while the first is about to call.

    assert run_launch(run=before_call).state == AgentRunState.STOPPING
    assert cluster.tasks() == []
    agent_runs_reconcile()
    assert AgentRun.objects.get().state == AgentRunState.STOPPING  # The call may still be under way.
    set_age(run, 200)
    agent_runs_reconcile()
    agent_runs_reconcile()
    run = AgentRun.objects.select_related("agent", "tenant").get()
    assert (run.state, run.stop_code, run.stopped_reason) == (
        AgentRunState.SUCCEEDED, "UserInitiated", "changed our mind",
    )  # fmt: skip
    assert run.agent.consecutive_failures == 0


def test_a_wish_that_ecs_did_not_hear_is_delivered_by_the_reconcile(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.define(OBEYS)
    agent = make_agent()
    run = cluster.run_until(agent_start(agent=agent, trigger="staff"), AgentRunState.RUNNING)
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
        reset_clients()
        assert agent_stop(agent=agent, reason="holiday") is True
    reset_clients()
    assert cluster.tasks()[0].desired_status == "RUNNING"

    agent_runs_reconcile()
    assert cluster.tasks()[0].desired_status == "STOPPED"
    assert cluster.run_until(run, AgentRunState.SUCCEEDED).stopped_reason == "holiday"


def test_a_task_that_ecs_forgot_counts_as_stopped(cluster: Cluster) -> None:
    agent = make_agent()
    make_run(agent, state=AgentRunState.RUNNING, task_arn=task_arn())
    assert agent_stop(agent=agent, reason="holiday") is True
    assert AgentRun.objects.get().state == AgentRunState.SUCCEEDED


def test_all_runs_of_one_customer_are_stopped_and_no_others(cluster: Cluster) -> None:
    cluster.define(OBEYS)
    mine, other = make_agent(), make_agent()
    for role in ("butler", "scout", "writer"):
        agent_start(agent=agent_of(mine.tenant, role), trigger="staff")
    theirs = agent_start(agent=other, trigger="staff")

    assert customer_runs_stop(customer=mine.tenant, reason="paused") == 3
    assert customer_runs_stop(customer=mine.tenant, reason="paused") == 3
    for run in AgentRun.objects.filter(tenant=mine.tenant):
        cluster.run_until(run, AgentRunState.SUCCEEDED)
    assert customer_runs_stop(customer=mine.tenant, reason="paused") == 0
    assert cluster.run_until(theirs, AgentRunState.RUNNING).stop_code == ""


@pytest.mark.parametrize(
    ("before", "wanted", "stops"),
    [
        ("scheduled", "stopped", True),
        ("always_on", "stopped", True),
        ("always_on", "scheduled", True),
        ("scheduled", "always_on", False),
        ("scheduled", "scheduled", False),
    ],
)
def test_what_is_wanted_decides_about_the_open_run(cluster: Cluster, before: str, wanted: str, stops: bool) -> None:
    cluster.define(OBEYS)
    agent = make_agent()
    agent_desire(agent=agent, desired_state=before, actor=None)
    run = agent_start(agent=agent, trigger="staff")

    changed = agent_desire(agent=agent, desired_state=wanted, interval_minutes=30, actor=None)
    assert (changed.desired_state, changed.interval_minutes) == (wanted, 30)
    run.refresh_from_db()
    assert (run.state == AgentRunState.STOPPING) is stops
    assert agent_desire(agent=agent, desired_state=wanted, actor=None).interval_minutes == 30


@pytest.mark.parametrize(
    ("state", "minutes"), [("sometimes", 15), ("scheduled", 4), ("scheduled", 1441), ("stopped", 0)]
)
def test_a_wish_that_makes_no_sense_is_refused(state: str, minutes: int) -> None:
    agent = agent_of(make_customer())
    with pytest.raises(ValidationError):
        agent_desire(agent=agent, desired_state=state, interval_minutes=minutes, actor=None)
    agent.refresh_from_db()
    assert (agent.desired_state, agent.interval_minutes) == ("scheduled", 15)
