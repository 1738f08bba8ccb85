"""The ECS calls: run, stop, describe, list.

Owns how a TaskSpec becomes a RunTask request and what a `failures` entry means. ECS answers many
refusals with HTTP 200 and such an entry, so an answer without a task is never taken for success.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from openclaw_site.aws import errors
from openclaw_site.aws.clients import client
from openclaw_site.aws.ecs.shapes import TaskInfo, TaskSpec, task_info
from openclaw_site.aws.translation import translated

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import TaskOverrideUnionTypeDef

# Amazon ECS API reference, RunTask and DescribeTasks.
MAX_OVERRIDES_CHARACTERS: Final = 8_192
MAX_DESCRIBED: Final = 100
# ECS keeps this much of a stop reason for sure; a longer one is cut.
MAX_REASON_CHARACTERS: Final = 255

_CLIENT_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,64}")
_STARTED_BY: Final = re.compile(r"[A-Za-z0-9/_-]{1,128}")


def run_task(spec: TaskSpec) -> TaskInfo:
    """One task of the spec is starting; its first description.

    Safe to repeat with the same spec for 24 hours (the client token finds the first task). It runs
    without a public address. Raises CapacityExhausted, RoleNotReady, Throttled, ServiceFault and
    Unreachable (a retry can help), ClientTokenConflict (the token started a different task), and
    ClusterMissing, TaskDefinitionMissing, AccessDenied, InvalidRequest (local limits included).
    """
    overrides = _overrides(spec)
    _check(spec, overrides)
    with translated("RunTask"):
        answer = client("ecs").run_task(
            cluster=spec.cluster,
            taskDefinition=spec.task_definition,
            count=1,
            clientToken=spec.client_token,
            startedBy=spec.started_by,
            capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT" if spec.spot else "FARGATE", "weight": 1}],
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": list(spec.subnets),
                    "securityGroups": list(spec.security_groups),
                    "assignPublicIp": "DISABLED",
                }
            },
            overrides=overrides,
            tags=[{"key": key, "value": value} for key, value in sorted(spec.tags.items())],
            enableECSManagedTags=True,
        )
    if answer["tasks"]:
        return task_info(answer["tasks"][0])
    if answer["failures"]:
        raise _failure(answer["failures"][0], "RunTask")
    raise errors.ServiceFault("ECS answered with neither a task nor a failure", operation="RunTask")


def stop_task(*, cluster: str, task_arn: str, reason: str) -> TaskInfo:
    """ECS is stopping the task (SIGTERM, then SIGKILL after the definition's stop timeout); its description.

    Safe to repeat. Raises TaskMissing (ECS forgot it), ClusterMissing, AccessDenied.
    """
    with translated("StopTask", missing=errors.TaskMissing):
        answer = client("ecs").stop_task(cluster=cluster, task=task_arn, reason=reason[:MAX_REASON_CHARACTERS])
    return task_info(answer["task"])


def describe_tasks(*, cluster: str, task_arns: Sequence[str]) -> list[TaskInfo]:
    """The tasks that ECS still knows, tags included; those it forgot are left out.

    Any number of ARNs, asked by the hundred. Raises ClusterMissing, AccessDenied, Throttled.
    """
    found: list[TaskInfo] = []
    for start in range(0, len(task_arns), MAX_DESCRIBED):
        with translated("DescribeTasks"):
            answer = client("ecs").describe_tasks(
                cluster=cluster, tasks=list(task_arns[start : start + MAX_DESCRIBED]), include=["TAGS"]
            )
        for failure in answer["failures"]:
            if failure.get("reason") != "MISSING":
                raise _failure(failure, "DescribeTasks")
        found += [task_info(task) for task in answer["tasks"]]
    return found


def list_task_arns(*, cluster: str, status: Literal["RUNNING", "STOPPED"], family: str | None = None) -> list[str]:
    """ARNs of all tasks whose desired status is `status`, of one family or of all; every page is read.

    ECS lists a stopped task for about an hour. Raises ClusterMissing, AccessDenied, Throttled.
    """
    with translated("ListTasks"):
        paginator = client("ecs").get_paginator("list_tasks")
        pages = (
            paginator.paginate(cluster=cluster, desiredStatus=status)
            if family is None
            else paginator.paginate(cluster=cluster, desiredStatus=status, family=family)
        )
        return [arn for page in pages for arn in page["taskArns"]]


def _overrides(spec: TaskSpec) -> TaskOverrideUnionTypeDef:
    return {
        "taskRoleArn": spec.task_role_arn,
        "containerOverrides": [
            {
                "name": spec.container,
                "environment": [{"name": name, "value": value} for name, value in sorted(spec.environment.items())],
            }
        ],
    }


def _check(spec: TaskSpec, overrides: TaskOverrideUnionTypeDef) -> None:
    """Refuse here what ECS would refuse, in words that name the field."""
    length = len(json.dumps(overrides))
    if length > MAX_OVERRIDES_CHARACTERS:
        raise errors.InvalidRequest(
            f"the overrides have {length} characters, ECS takes {MAX_OVERRIDES_CHARACTERS}",
            operation="RunTask",
            next_action="Shorten the environment that is passed to the task.",
        )
    if not _CLIENT_TOKEN.fullmatch(spec.client_token):
        raise errors.InvalidRequest("a client token is 1 to 64 printable characters", operation="RunTask")
    if not _STARTED_BY.fullmatch(spec.started_by):
        raise errors.InvalidRequest(
            "started_by is 1 to 128 letters, digits, hyphens, slashes and underscores", operation="RunTask"
        )


def _failure(failure: Mapping[str, Any], operation: str) -> errors.AwsError:
    """The error of a `failures` entry (Amazon ECS developer guide, "API failure reasons")."""
    reason, arn = failure.get("reason", ""), failure.get("arn", "")
    detail = " ".join(part for part in (reason, failure.get("detail", ""), arn) if part)
    kind: type[errors.AwsError] = errors.InvalidRequest
    # AGENT: a host's agent is away. All of these are about room for the task, and pass.
    if re.match(r"RESOURCE|EMPTY CAPACITY|AGENT$|.*capacity is unavailable|.*reached the limit", reason, re.I):
        kind = errors.CapacityExhausted
    elif "unable to assume" in reason.lower():
        kind = errors.RoleNotReady
    elif reason in ("MISSING", "INACTIVE"):
        kind = _missing_kind(arn)
    return kind(detail or "no reason given", operation=operation, code=reason)


def _missing_kind(arn: str) -> type[errors.AwsError]:
    if ":task-definition/" in arn:
        return errors.TaskDefinitionMissing
    return errors.TaskMissing if ":task/" in arn else errors.ClusterMissing


def task_environment(*, task_definition: str, container: str) -> dict[str, str]:
    """What a task definition (family, or family:revision) tells a container; its `secrets` are not among it.

    Safe to repeat. Raises TaskDefinitionMissing, also when it has no such container, and as `run_task` otherwise.
    """
    with translated("DescribeTaskDefinition"):
        answer = client("ecs").describe_task_definition(taskDefinition=task_definition)
    for definition in answer["taskDefinition"]["containerDefinitions"]:
        if definition["name"] == container:
            return {entry["name"]: entry["value"] for entry in definition.get("environment", [])}
    raise errors.TaskDefinitionMissing(
        f"{task_definition} has no container {container}", operation="DescribeTaskDefinition"
    )
