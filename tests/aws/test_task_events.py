"""Task events: the same task as in a description, read from EventBridge's JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from openclaw_site.aws import ecs, errors

TASK_ARN = "arn:aws:ecs:eu-central-1:123456789012:task/agents/0123456789abcdef"


def make_event(**changes):
    return {
        "version": "0",
        "id": "8f07966c-b005-4a0f-9ee9-63d2c41448b3",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-11-23T10:00:06Z",
        "region": "eu-central-1",
        "resources": [TASK_ARN],
        "detail": {
            "taskArn": TASK_ARN,
            "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/scout:3",
            "clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/agents",
            "lastStatus": "STOPPED",
            "desiredStatus": "STOPPED",
            "createdAt": "2026-11-23T10:00:00.123Z",
            "pullStartedAt": "2026-11-23T10:00:01Z",
            "startedAt": "2026-11-23T11:00:03.5+01:00",
            "stoppedAt": "2026-11-23T10:00:05.123456789Z",
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "capacityProviderName": "FARGATE",
            "cpu": "512",
            "memory": "1024",
            "version": 6,
            "containers": [{"name": "openclaw-scout", "exitCode": 0, "lastStatus": "STOPPED"}],
            "overrides": {"containerOverrides": [{"name": "openclaw-scout"}]},
            **changes,
        },
    }


def test_event_is_read_as_a_task():
    assert ecs.parse_task_event(json.dumps(make_event())) == ecs.TaskInfo(
        arn=TASK_ARN,
        task_definition_arn="arn:aws:ecs:eu-central-1:123456789012:task-definition/scout:3",
        last_status="STOPPED",
        desired_status="STOPPED",
        exit_code=0,
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        pull_started_at=datetime(2026, 11, 23, 10, 0, 1, tzinfo=UTC),
        started_at=datetime(2026, 11, 23, 10, 0, 3, 500_000, tzinfo=UTC),
        stopped_at=datetime(2026, 11, 23, 10, 0, 5, 123_456, tzinfo=UTC),
        created_at=datetime(2026, 11, 23, 10, 0, 0, 123_000, tzinfo=UTC),
        capacity_provider="FARGATE",
        cpu=512,
        memory_mib=1024,
        version=6,
    )


def test_task_without_containers_has_no_exit_code():
    task = ecs.parse_task_event(json.dumps(make_event(containers=[], overrides={}, startedAt=None)))
    assert (task.exit_code, task.container_reason, task.started_at) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "null",
        '"text"',
        "{}",
        json.dumps({**make_event(), "detail-type": "ECS Container Instance State Change"}),
        json.dumps({**make_event(), "detail": None}),
        json.dumps({**make_event(), "detail": {"taskArn": TASK_ARN}}),
        json.dumps(make_event(startedAt="yesterday")),
        json.dumps(make_event(containers=["text"])),
    ],
)
def test_anything_else_is_refused_in_domain_words(body):
    with pytest.raises(errors.InvalidRequest) as caught:
        ecs.parse_task_event(body)
    assert not caught.value.retryable
    assert "delete the message" in caught.value.next_action
