"""What a task is: how one is asked for, and how one is described.

Owns the two dataclasses and the reading of ECS's description, which has the same fields in an API
answer and in an event (there with times as text). Calls are in `calls`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class TaskSpec:
    """One Fargate task to start: which program, where, as whom, with what environment.

    `client_token` (1-64 printable characters) makes the start safe to repeat for 24 hours. `environment`
    goes to the container named `container`; secrets do not belong in it, anyone who can describe
    the task reads it.
    """

    cluster: str
    task_definition: str
    container: str
    subnets: Sequence[str]
    security_groups: Sequence[str]
    task_role_arn: str
    environment: Mapping[str, str]
    tags: Mapping[str, str]
    client_token: str
    spot: bool = False
    started_by: str = "openclaw"


@dataclass(frozen=True)
class TaskInfo:
    """A task as ECS described it. Times are UTC; `cpu` counts CPU units (1,024 a vCPU).

    `exit_code` and `container_reason` are those of the container whose environment was overridden
    (the agent's), or of the first when none was. `version` grows with each change of the task, so
    that of two descriptions the later one is known. Events carry no tags.
    """

    arn: str
    task_definition_arn: str
    last_status: str
    desired_status: str
    exit_code: int | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    container_reason: str | None = None
    pull_started_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    created_at: datetime | None = None
    capacity_provider: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    cpu: int | None = None
    memory_mib: int | None = None
    version: int = 0


def task_info(task: Mapping[str, Any]) -> TaskInfo:
    """The description as a TaskInfo. Raises KeyError, TypeError or ValueError when it is not a task's."""
    container = _main_container(task)
    return TaskInfo(
        arn=task["taskArn"],
        task_definition_arn=task["taskDefinitionArn"],
        last_status=task["lastStatus"],
        desired_status=task["desiredStatus"],
        exit_code=container.get("exitCode"),
        stop_code=task.get("stopCode"),
        stopped_reason=task.get("stoppedReason"),
        container_reason=container.get("reason"),
        pull_started_at=_time(task.get("pullStartedAt")),
        started_at=_time(task.get("startedAt")),
        stopped_at=_time(task.get("stoppedAt")),
        created_at=_time(task.get("createdAt")),
        capacity_provider=task.get("capacityProviderName"),
        tags={tag["key"]: tag["value"] for tag in task.get("tags") or []},
        cpu=_number(task.get("cpu")),
        memory_mib=_number(task.get("memory")),
        version=_number(task.get("version")) or 0,
    )


def _main_container(task: Mapping[str, Any]) -> Mapping[str, Any]:
    containers: Sequence[Mapping[str, Any]] = task.get("containers") or []
    overridden = [found.get("name") for found in (task.get("overrides") or {}).get("containerOverrides") or []]
    chosen = [container for container in containers if container.get("name") in overridden]
    return next(iter([*chosen, *containers]), {})


def _time(value: datetime | str | None) -> datetime | None:
    if value is None:
        return None
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.astimezone(UTC)


def _number(value: str | int | None) -> int | None:
    return None if value is None or value == "" else int(value)
