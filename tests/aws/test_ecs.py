"""Tasks: what is asked of ECS, and what its refusals become."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import boto3
import pytest
from botocore.stub import ANY, Stubber

from openclaw_site.aws import ecs, errors, iam
from openclaw_site.aws.clients import client

ROLE_ARN = "arn:aws:iam::123456789012:role/openclaw/tenants/t_0"
TASK_ARN = "arn:aws:ecs:eu-central-1:123456789012:task/agents/0123456789abcdef"


@pytest.fixture
def role_arn(world, tenant_id):
    """A customer's role, as provisioning makes it."""
    environment = world.environment()
    yield iam.ensure_role(
        name=f"t_{tenant_id}",
        path=environment["TENANT_ROLE_PATH"],
        tags={"TenantID": tenant_id},
        boundary_arn=environment["TENANT_BOUNDARY_ARN"],
        policy_arns=[environment["TENANT_POLICY_ARN"]],
        description="Agents of one customer.",
    )
    iam.delete_role(name=f"t_{tenant_id}")


@pytest.fixture
def spec(world, role_arn):
    """A task that sleeps, on a cluster of its own; what still runs afterwards is stopped."""
    boto_ecs, environment = boto3.client("ecs", "eu-central-1"), world.environment()
    name = uuid4().hex[:12]
    boto_ecs.create_cluster(clusterName=f"agents-{name}", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    boto_ecs.register_task_definition(
        family=f"butler-{name}",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {"name": "openclaw-butler", "image": "openclaw", "memory": 512, "command": ["sleep", "60"]}
        ],
    )
    yield make_spec(
        cluster=f"agents-{name}",
        task_definition=f"butler-{name}",
        subnets=environment["ECS_SUBNETS"].split(","),
        security_groups=environment["ECS_SECURITY_GROUPS"].split(","),
        task_role_arn=role_arn,
    )
    for arn in ecs.list_task_arns(cluster=f"agents-{name}", status="RUNNING"):
        ecs.stop_task(cluster=f"agents-{name}", task_arn=arn, reason="test ended")


def make_spec(**changes):
    return replace(
        ecs.TaskSpec(
            cluster="agents",
            task_definition="butler",
            container="openclaw-butler",
            subnets=["subnet-1"],
            security_groups=["sg-1"],
            task_role_arn=ROLE_ARN,
            environment={"TENANT_ID": "0" * 32, "AGENT_ROLE": "butler"},
            tags={"TenantID": "0" * 32, "AgentRole": "butler"},
            client_token=f"{uuid4()}-1",
        ),
        **changes,
    )


def described(**changes):
    return {
        "taskArn": TASK_ARN,
        "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/butler:7",
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        **changes,
    }


def test_started_task_carries_role_environment_and_tags(spec, role_arn):
    task = ecs.run_task(spec)
    assert task.tags == spec.tags
    assert task.task_definition_arn.endswith(f"task-definition/{spec.task_definition}:1")
    raw = boto3.client("ecs", "eu-central-1").describe_tasks(cluster=spec.cluster, tasks=[task.arn])["tasks"][0]
    assert raw["overrides"]["taskRoleArn"] == role_arn
    assert raw["overrides"]["containerOverrides"] == [
        {
            "name": "openclaw-butler",
            "environment": [
                {"name": "AGENT_ROLE", "value": "butler"},
                {"name": "TENANT_ID", "value": "0" * 32},
            ],
        }
    ]
    assert raw["startedBy"] == "openclaw"


@pytest.mark.parametrize(("spot", "provider"), [(False, "FARGATE"), (True, "FARGATE_SPOT")])
def test_request_is_private_idempotent_and_on_the_asked_capacity(spot, provider):
    spec = make_spec(spot=spot)
    with Stubber(client("ecs")) as stub:
        stub.add_response(
            "run_task",
            {"tasks": [described()], "failures": []},
            {
                "cluster": "agents",
                "taskDefinition": "butler",
                "count": 1,
                "clientToken": spec.client_token,
                "startedBy": "openclaw",
                "capacityProviderStrategy": [{"capacityProvider": provider, "weight": 1}],
                "networkConfiguration": {
                    "awsvpcConfiguration": {
                        "subnets": ["subnet-1"],
                        "securityGroups": ["sg-1"],
                        "assignPublicIp": "DISABLED",
                    }
                },
                "overrides": ANY,
                "tags": [{"key": "AgentRole", "value": "butler"}, {"key": "TenantID", "value": "0" * 32}],
                "enableECSManagedTags": True,
            },
        )
        assert ecs.run_task(spec).arn == TASK_ARN


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ({"reason": "RESOURCE:CPU"}, errors.CapacityExhausted),
        ({"reason": "RESOURCE:FARGATE"}, errors.CapacityExhausted),
        ({"reason": "Capacity is unavailable at this time. Please try again"}, errors.CapacityExhausted),
        ({"reason": "You've reached the limit on the number of vCPUs"}, errors.CapacityExhausted),
        ({"reason": "ECS was unable to assume the role"}, errors.RoleNotReady),
        ({"reason": "MISSING", "arn": "arn:aws:ecs:r:1:task-definition/x:1"}, errors.TaskDefinitionMissing),
        ({"reason": "INACTIVE", "arn": "arn:aws:ecs:r:1:cluster/x"}, errors.ClusterMissing),
        ({"reason": "ATTRIBUTE", "detail": "no such attribute"}, errors.InvalidRequest),
        ({}, errors.InvalidRequest),
    ],
)
def test_failures_in_a_successful_answer_are_errors(failure, expected):
    with Stubber(client("ecs")) as stub:
        stub.add_response("run_task", {"tasks": [], "failures": [failure]})
        with pytest.raises(errors.AwsError) as caught:
            ecs.run_task(make_spec())
    assert type(caught.value) is expected
    assert failure.get("reason", "no reason given") in str(caught.value)


def test_answer_without_task_or_failure_is_retried_later():
    with Stubber(client("ecs")) as stub:
        stub.add_response("run_task", {"tasks": [], "failures": []})
        with pytest.raises(errors.ServiceFault):
            ecs.run_task(make_spec())


def test_starting_again_with_the_same_token_finds_the_first_task(spec):
    first = ecs.run_task(spec)
    assert ecs.run_task(spec).arn == first.arn
    with pytest.raises(errors.ClientTokenConflict) as caught:
        ecs.run_task(replace(spec, environment={"TENANT_ID": "1" * 32}))
    assert caught.value.task_arn == first.arn
    assert ecs.list_task_arns(cluster=spec.cluster, status="RUNNING") == [first.arn]


def test_used_client_token_names_the_task_it_started(faulty_aws):
    faulty_aws.fail("ConflictException", "clientToken is in use", resourceIds=[TASK_ARN])
    with pytest.raises(errors.ClientTokenConflict) as caught:
        ecs.run_task(make_spec())
    assert caught.value.task_arn == TASK_ARN
    assert not caught.value.retryable


def test_used_client_token_without_a_named_task(faulty_aws):
    faulty_aws.fail("ConflictException", "clientToken is in use")
    with pytest.raises(errors.ClientTokenConflict) as caught:
        ecs.run_task(make_spec())
    assert caught.value.task_arn is None


@pytest.mark.parametrize("code", ["ClientException", "InvalidParameterException"])
def test_role_that_ecs_can_not_assume_yet_is_not_ready(faulty_aws, code):
    faulty_aws.fail(code, f"ECS was unable to assume the role '{ROLE_ARN}' that was provided for this task.")
    with pytest.raises(errors.RoleNotReady) as caught:
        ecs.run_task(make_spec())
    assert caught.value.retryable


def test_overrides_are_measured_as_they_are_sent():
    spec = make_spec(environment={"CUSTOMER_EMAIL": "x"})
    frame = len(
        json.dumps(
            {
                "taskRoleArn": ROLE_ARN,
                "containerOverrides": [
                    {"name": "openclaw-butler", "environment": [{"name": "CUSTOMER_EMAIL", "value": ""}]}
                ],
            }
        )
    )
    with Stubber(client("ecs")) as stub:
        stub.add_response("run_task", {"tasks": [described()], "failures": []})
        ecs.run_task(replace(spec, environment={"CUSTOMER_EMAIL": "x" * (8192 - frame)}))
        with pytest.raises(errors.InvalidRequest, match="the overrides have 8193 characters"):
            ecs.run_task(replace(spec, environment={"CUSTOMER_EMAIL": "x" * (8193 - frame)}))


@pytest.mark.parametrize("changes", [{"client_token": "x" * 65}, {"client_token": ""}, {"client_token": "a b"}])
def test_client_token_that_ecs_would_refuse_is_refused_here(faulty_aws, changes):
    with pytest.raises(errors.InvalidRequest, match="client token"):
        ecs.run_task(make_spec(**changes))
    with pytest.raises(errors.InvalidRequest, match="started_by"):
        ecs.run_task(make_spec(started_by="a person"))
    assert faulty_aws.requests == []


def test_missing_cluster_and_definition_are_told_apart(spec):
    with pytest.raises(errors.ClusterMissing):
        ecs.run_task(replace(spec, cluster="no-such-cluster"))
    with pytest.raises(errors.TaskDefinitionMissing):
        ecs.run_task(replace(spec, task_definition="no-such-family"))


def test_stopped_task_is_listed_as_stopped_with_its_reason(spec):
    task = ecs.run_task(spec)
    ecs.stop_task(cluster=spec.cluster, task_arn=task.arn, reason="Paused by staff.")
    ecs.stop_task(cluster=spec.cluster, task_arn=task.arn, reason="Paused by staff.")
    assert ecs.list_task_arns(cluster=spec.cluster, status="RUNNING") == []
    assert ecs.list_task_arns(cluster=spec.cluster, status="STOPPED", family=spec.task_definition) == [task.arn]
    [found] = ecs.describe_tasks(cluster=spec.cluster, task_arns=[task.arn])
    assert found.desired_status == "STOPPED"
    assert found.stopped_reason == "Paused by staff."


def test_stopping_a_forgotten_task_says_it_is_gone(faulty_aws):
    faulty_aws.fail("InvalidParameterException", "The referenced task was not found.")
    with pytest.raises(errors.TaskMissing):
        ecs.stop_task(cluster="agents", task_arn=TASK_ARN, reason="x")


def test_long_stop_reason_is_cut():
    with Stubber(client("ecs")) as stub:
        stub.add_response(
            "stop_task", {"task": described()}, {"cluster": "agents", "task": TASK_ARN, "reason": "x" * 255}
        )
        ecs.stop_task(cluster="agents", task_arn=TASK_ARN, reason="x" * 2000)


def test_forgotten_tasks_are_left_out_of_descriptions(spec):
    task = ecs.run_task(spec)
    gone = task.arn.rsplit("/", 1)[0] + "/" + "0" * 32
    found = ecs.describe_tasks(cluster=spec.cluster, task_arns=[gone, task.arn])
    assert [each.arn for each in found] == [task.arn]
    assert found[0].tags == spec.tags
    assert ecs.describe_tasks(cluster=spec.cluster, task_arns=[]) == []


def test_tasks_are_described_by_the_hundred():
    arns = [f"{TASK_ARN}{number}" for number in range(250)]
    with Stubber(client("ecs")) as stub:
        for start in (0, 100, 200):
            batch = arns[start : start + 100]
            stub.add_response(
                "describe_tasks",
                {"tasks": [described(taskArn=arn) for arn in batch], "failures": []},
                {"cluster": "agents", "tasks": batch, "include": ["TAGS"]},
            )
        assert [task.arn for task in ecs.describe_tasks(cluster="agents", task_arns=arns)] == arns


def test_every_page_of_the_list_is_read():
    asked = {"cluster": "agents", "desiredStatus": "RUNNING", "family": "butler"}
    with Stubber(client("ecs")) as stub:
        stub.add_response("list_tasks", {"taskArns": ["arn:1"], "nextToken": "n"}, asked)
        stub.add_response("list_tasks", {"taskArns": ["arn:2"]}, {**asked, "nextToken": "n"})
        assert ecs.list_task_arns(cluster="agents", status="RUNNING", family="butler") == ["arn:1", "arn:2"]


def test_description_reads_the_agents_own_container():
    stopped = datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC)
    task = described(
        containers=[
            {"name": "telemetry", "exitCode": 0},
            {"name": "openclaw-butler", "exitCode": 137, "reason": "OutOfMemoryError: killed"},
        ],
        overrides={"containerOverrides": [{"name": "openclaw-butler"}]},
        lastStatus="STOPPED",
        desiredStatus="STOPPED",
        stopCode="EssentialContainerExited",
        stoppedReason="Essential container in task exited",
        stoppedAt=stopped,
        capacityProviderName="FARGATE_SPOT",
        cpu="256",
        memory="512",
        version=5,
    )
    with Stubber(client("ecs")) as stub:
        stub.add_response("describe_tasks", {"tasks": [task], "failures": []})
        found = ecs.describe_tasks(cluster="agents", task_arns=[TASK_ARN])
    assert found == [
        ecs.TaskInfo(
            arn=TASK_ARN,
            task_definition_arn=task["taskDefinitionArn"],
            last_status="STOPPED",
            desired_status="STOPPED",
            exit_code=137,
            stop_code="EssentialContainerExited",
            stopped_reason="Essential container in task exited",
            container_reason="OutOfMemoryError: killed",
            stopped_at=stopped,
            capacity_provider="FARGATE_SPOT",
            cpu=256,
            memory_mib=512,
            version=5,
        )
    ]


def test_environment_of_a_definitions_container(world, spec):
    assert ecs.task_environment(task_definition=spec.task_definition, container=spec.container) == {}
    scout = f"{world.environment()['ECS_TASK_DEFINITION_PREFIX']}-scout"
    told = ecs.task_environment(task_definition=scout, container="openclaw-scout")
    assert (told["MODEL_ENDPOINT"], told["DATABASE_PORT"]) == (world.model.url, str(world.ports.postgres))
    with pytest.raises(errors.TaskDefinitionMissing, match="no container nobody"):
        ecs.task_environment(task_definition=spec.task_definition, container="nobody")
    with pytest.raises(errors.TaskDefinitionMissing):
        ecs.task_environment(task_definition="no-such-family", container="x")
