"""The events' queue: what ECS says reaches the runs, and nothing else gets in the way."""

import json
import logging
from typing import Any

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from agents.models import AgentRun, AgentRunState
from agents.services import agent_start
from agents.tasks import agent_runs_reconcile, agents_dispatch, task_events_receive
from openclaw_site.aws.clients import reset_clients
from tenants.isolation.context import enter
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_agent, make_run, task_arn
from tests.aws.faults import closed_port
from tests.factories import make_customer


def event(arn: str, status: str, **detail: Any) -> str:
    """An event as EventBridge delivers it."""
    return json.dumps(
        {
            "version": "0",
            "source": "aws.ecs",
            "detail-type": "ECS Task State Change",
            "detail": {
                "taskArn": arn,
                "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/f:1",
                "lastStatus": status,
                "desiredStatus": "STOPPED" if status == "STOPPED" else "RUNNING",
                "containers": [{"name": "openclaw-butler", **({"exitCode": 0} if status == "STOPPED" else {})}],
                **detail,
            },
        }
    )


def test_the_events_of_a_task_bring_its_run_to_its_end(cluster: Cluster) -> None:
    run = agent_start(agent=make_agent(), trigger="staff")
    cluster.task_until(run.task_arn, "STOPPED")
    with enter(None):  # As a worker: no context until the task enters one.
        task_events_receive()
        task_events_receive()
    run.refresh_from_db()
    assert (run.state, run.exit_code, run.stop_code) == (AgentRunState.SUCCEEDED, 0, "EssentialContainerExited")
    assert cluster.queue_sizes() == (0, 0)


@pytest.fixture
def queue(cluster: Cluster, settings: Any) -> Cluster:
    """Only what the test sends is in the queue."""
    cluster.use_own_queue(settings)
    return cluster


def test_events_out_of_order_and_twice_do_no_harm(queue: Cluster) -> None:
    run = make_run(agent_of(make_customer(state="active")), task_arn=task_arn())
    for status in ("STOPPED", "RUNNING", "STOPPED", "PROVISIONING"):
        queue.send(event(run.task_arn, status))
    task_events_receive()
    run.refresh_from_db()
    assert run.state == AgentRunState.SUCCEEDED
    assert queue.queue_sizes() == (0, 0)


def test_a_strangers_events_are_deleted_and_what_is_no_event_is_left(
    queue: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run(agent_of(make_customer(state="active")), task_arn=task_arn())
    queue.send(event(task_arn(), "RUNNING"))
    queue.send("<not json> secret-looking-text")
    queue.send(json.dumps({"detail-type": "ECS Deployment State Change", "detail": {}}))
    queue.send(event(run.task_arn, "RUNNING"))
    with caplog.at_level(logging.ERROR):
        task_events_receive()
    run.refresh_from_db()
    assert run.state == AgentRunState.RUNNING
    assert queue.queue_sizes() == (0, 2)  # Received, not deleted: the redrive policy counts them.
    assert len(caplog.records) == 2
    assert "secret-looking-text" not in caplog.text


def test_an_event_that_could_not_be_recorded_is_not_deleted(queue: Cluster) -> None:
    run = make_run(agent_of(make_customer(state="active")), task_arn=task_arn())
    queue.send(event(run.task_arn, "STOPPED"))
    with connections["owner"].cursor() as cursor:
        cursor.execute("REVOKE UPDATE ON agents_agentrun FROM openclaw_platform")
    try:
        with pytest.raises(ProgrammingError, match="permission denied"):
            task_events_receive()
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("GRANT UPDATE ON agents_agentrun TO openclaw_platform")
    assert queue.queue_sizes() == (0, 1)
    run.refresh_from_db()
    assert run.state == AgentRunState.REQUESTED


def test_more_events_than_one_call_brings_are_all_received(queue: Cluster) -> None:
    agents = [agent_of(make_customer(state="active")) for _ in range(12)]
    for agent in agents:
        queue.send(event(make_run(agent, task_arn=task_arn()).task_arn, "STOPPED"))
    task_events_receive()
    assert AgentRun.objects.filter(state=AgentRunState.SUCCEEDED).count() == 12


def test_an_aws_that_does_not_answer_is_a_log_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_run(agent_of(make_customer(state="active")), task_arn=task_arn())
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
    reset_clients()
    try:
        task_events_receive()
        agent_runs_reconcile()
        agents_dispatch()
    finally:
        monkeypatch.undo()
        reset_clients()
    assert len(caplog.records) == 2
    assert AgentRun.objects.get().state == AgentRunState.REQUESTED
