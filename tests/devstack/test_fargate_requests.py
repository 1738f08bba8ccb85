"""What RunTask refuses, what a client token does, and how tasks are listed and described."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.devstack.tasks import Tasks


def refused(tasks: Tasks, request: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        tasks.ecs.run_task(**request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_same_token_and_parameters_give_the_same_task_again(tasks: Tasks) -> None:
    arn = tasks.python("pass", clientToken="run-1")
    tasks.stopped(arn)
    assert tasks.python("pass", clientToken="run-1") == arn
    assert tasks.python("pass", clientToken="run-2") != arn
    assert tasks.python("pass") != arn


def test_same_token_with_other_parameters_is_a_conflict_that_names_the_task(tasks: Tasks) -> None:
    arn = tasks.python("pass", clientToken="run-3")
    with pytest.raises(tasks.ecs.exceptions.ConflictException) as caught:
        tasks.python("print(1)", clientToken="run-3")
    assert caught.value.response["resourceIds"] == [arn]


def test_requests_at_once_with_one_token_make_one_task(tasks: Tasks) -> None:
    with ThreadPoolExecutor(8) as pool:
        arns = set(pool.map(lambda _: tasks.python("pass", clientToken="run-4"), range(8)))
    assert len(arns) == 1


def test_client_token_has_at_most_64_characters(tasks: Tasks) -> None:
    code, _ = refused(tasks, tasks.request("true", clientToken="x" * 65))
    assert code == "InvalidParameterException"


def test_overrides_have_at_most_8192_characters(tasks: Tasks) -> None:
    code, message = refused(tasks, tasks.request("true", environment={"LONG": "x" * 8192}))
    assert code == "InvalidParameterException"
    assert message == "Container Overrides length must be at most 8192"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"taskDefinition": "nobody"}, ("ClientException", "TaskDefinition not found.")),
        ({"taskDefinition": "openclaw-dev-butler:99"}, ("ClientException", "TaskDefinition not found.")),
        ({"cluster": "nowhere"}, ("ClusterNotFoundException", "Cluster not found.")),
    ],
)
def test_unknown_cluster_or_definition_is_refused(
    tasks: Tasks, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(tasks, tasks.request("true", **changes)) == expected


def test_unknown_subnet_is_refused(tasks: Tasks) -> None:
    network = {"awsvpcConfiguration": {"subnets": ["subnet-0"], "securityGroups": []}}
    code, message = refused(tasks, tasks.request("true", networkConfiguration=network))
    assert code == "InvalidParameterException"
    assert "InvalidSubnetID.NotFound" in message


def test_launch_type_and_capacity_provider_exclude_each_other(tasks: Tasks) -> None:
    code, _ = refused(tasks, tasks.request("true", launchType="FARGATE"))
    assert code == "InvalidParameterException"


def test_missing_capacity_is_a_failure_in_the_answer_and_spends_no_token(tasks: Tasks) -> None:
    fargate = tasks.world.aws.fargate
    request = tasks.request("true", clientToken="run-5")
    fargate.without_capacity.add("FARGATE_SPOT")
    try:
        answer = tasks.ecs.run_task(**request)
    finally:
        fargate.without_capacity.clear()
    assert answer["tasks"] == []
    assert answer["failures"][0]["reason"].startswith("Capacity is unavailable at this time")
    assert len(tasks.ecs.run_task(**request)["tasks"]) == 1


def test_unknown_tasks_are_failures_when_described(tasks: Tasks) -> None:
    arn = tasks.python("pass")
    unknown = f"{arn[:-32]}{'0' * 32}"
    answer = tasks.ecs.describe_tasks(cluster=tasks.platform.cluster, tasks=[arn, unknown])
    assert [task["taskArn"] for task in answer["tasks"]] == [arn]
    assert answer["failures"] == [{"arn": unknown, "reason": "MISSING"}]
    assert answer["tasks"][0]["tags"] == []


def test_more_than_a_hundred_tasks_can_not_be_described_at_once(tasks: Tasks) -> None:
    with pytest.raises(tasks.ecs.exceptions.InvalidParameterException):
        tasks.ecs.describe_tasks(cluster=tasks.platform.cluster, tasks=["x"] * 101)


def test_tasks_are_listed_by_family_and_status_in_pages(tasks: Tasks) -> None:
    tasks.ecs.register_task_definition(
        family="listed",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "openclaw-butler", "image": "x", "memory": 512}],
    )
    arns = [tasks.python("import time; time.sleep(60)", taskDefinition="listed") for _ in range(5)]
    where = {"cluster": tasks.platform.cluster, "family": "listed"}
    pages = list(tasks.ecs.get_paginator("list_tasks").paginate(**where, PaginationConfig={"PageSize": 2}))
    assert [len(page["taskArns"]) for page in pages] == [2, 2, 1]
    assert sorted(arn for page in pages for arn in page["taskArns"]) == sorted(arns)
    tasks.ecs.stop_task(cluster=tasks.platform.cluster, task=arns[0], reason="one less")
    assert arns[0] not in tasks.ecs.list_tasks(**where)["taskArns"]
    assert tasks.ecs.list_tasks(**where, desiredStatus="STOPPED")["taskArns"] == [arns[0]]


def test_tags_of_a_task_can_be_changed(tasks: Tasks) -> None:
    arn = tasks.python("pass", tags=[{"key": "TenantID", "value": "a"}])
    tasks.ecs.tag_resource(resourceArn=arn, tags=[{"key": "AgentRun", "value": "b"}])
    assert {tag["key"]: tag["value"] for tag in tasks.describe(arn)["tags"]} == {
        "TenantID": "a",
        "AgentRun": "b",
    }
