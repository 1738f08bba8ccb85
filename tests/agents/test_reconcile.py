"""The reconcile: ECS is right, and nothing is lost or left running."""

import logging

import pytest

from agents.models import Agent, AgentRun, AgentRunState
from agents.selectors import explain
from agents.services import agent_runs_reconcile, agent_start, agents_ensure
from agents.services import launch as launching
from agents.tasks import agent_runs_reconcile as reconcile_task
from openclaw_site.aws import ecs
from tests.agents.cluster import Cluster, until
from tests.agents.factories import make_agent, make_run, task_arn
from tests.factories import make_customer


def test_a_run_whose_events_were_lost_ends_by_description(cluster: Cluster) -> None:
    cluster.define("exit 66")
    run = agent_start(agent=make_agent(), trigger="schedule")
    cluster.task_until(run.task_arn, "STOPPED")
    cluster.forget_events()

    reconcile_task()
    reconcile_task()
    run = AgentRun.objects.select_related("agent").get()
    assert (run.state, run.exit_code, run.agent.consecutive_failures) == (AgentRunState.FAILED, 66, 1)


@pytest.mark.parametrize(("age", "state"), [(100, "running"), (200, "failed")])
def test_a_task_that_ecs_does_not_know_is_lost_after_three_minutes(cluster: Cluster, age: int, state: str) -> None:
    make_run(make_agent(), state="running", task_arn=task_arn(), age_seconds=age)
    agent_runs_reconcile()
    agent_runs_reconcile()
    run = AgentRun.objects.select_related("agent", "tenant").get()
    assert run.state == state
    if state == "failed":
        assert (run.stop_code, run.stopped_reason) == ("TaskLost", "ECS no longer knows the task")
        assert "how it ended was never heard" in explain(run).cause
        assert run.agent.consecutive_failures == 1


def test_a_lost_task_that_was_asked_to_stop_counts_as_stopped(cluster: Cluster) -> None:
    make_run(make_agent(), state="stopping", task_arn=task_arn(), stopped_reason="paused", age_seconds=200)
    agent_runs_reconcile()
    run = AgentRun.objects.get()
    assert (run.state, run.stop_code, run.stopped_reason) == (AgentRunState.SUCCEEDED, "UserInitiated", "paused")


def test_a_task_whose_run_was_given_up_is_stopped(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    run = make_run(make_agent())
    task = ecs.run_task(launching.task_spec(run))
    AgentRun.objects.update(state=AgentRunState.FAILED)

    agent_runs_reconcile()
    assert cluster.task_until(task.arn, "STOPPED").stopped_reason == "its run has ended"
    assert AgentRun.objects.get().state == AgentRunState.FAILED


def test_a_strangers_task_in_the_cluster_is_reported_and_left(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.define("sleep 30")
    run = make_run(make_agent())
    task = ecs.run_task(launching.task_spec(run))
    run.delete()
    with caplog.at_level(logging.WARNING):
        agent_runs_reconcile()
    assert f"Task {task.arn} runs in our cluster and belongs to no run" in caplog.text
    assert cluster.task_until(task.arn, "RUNNING").desired_status == "RUNNING"


def test_more_runs_than_one_page_or_one_description_holds(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.world.aws.fargate._engine, "_max_running", 0)  # Tasks wait for room: no process each.
    for _ in range(35):
        agents_ensure(customer=make_customer(state="active"))
    agents = list(Agent.objects.all())
    assert len(agents) == 105
    for agent in agents:
        agent_start(agent=agent, trigger="schedule")
    AgentRun.objects.update(task_arn="", state=AgentRunState.REQUESTED)  # Killed before any was recorded.

    assert agent_runs_reconcile() == 105
    assert AgentRun.objects.exclude(task_arn="").values("task_arn").distinct().count() == 105
    assert len(cluster.tasks()) == 105

    def all_stopped() -> bool | None:
        agent_runs_reconcile()
        return not AgentRun.objects.exclude(state__in=AgentRun.ENDED).exists() or None

    for info in cluster.tasks():
        cluster.ecs.stop_task(cluster=cluster.name, task=info.arn, reason="enough")
    until(all_stopped)
    assert set(AgentRun.objects.values_list("state", "stop_code")) == {("succeeded", "UserInitiated")}
