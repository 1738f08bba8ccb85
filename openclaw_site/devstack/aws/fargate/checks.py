"""What RunTask refuses, and the checked launch that is left. Limits: the ECS API reference, RunTask."""

import json
from typing import Any

from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError, InvalidSubnetIdError
from moto.ec2.models import ec2_backends
from moto.ecs.exceptions import TaskDefinitionNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend, TaskDefinition

from .errors import client_error, invalid_parameter
from .task import Json, Launch

MAX_OVERRIDES_CHARACTERS = 8192
MAX_CLIENT_TOKEN_CHARACTERS = 64
MAX_STARTED_BY_CHARACTERS = 128
MAX_COUNT = 10
MAX_TAGS = 50


def checked_launch(backend: EC2ContainerServiceBackend, request: Json) -> Launch:
    """The launch that a RunTask request asks for. Raises what ECS answers when it is not acceptable."""
    _sizes(request)
    cluster = backend._get_cluster(request.get("cluster") or "default")
    definition = _definition(backend, request["taskDefinition"])
    overrides = _overrides(definition, request.get("overrides") or {})
    return Launch(
        account=backend.account_id,
        region=backend.region_name,
        cluster_arn=cluster.arn,
        cluster_name=cluster.name,
        task_definition_arn=definition.arn,
        family=definition.family,
        containers=tuple(definition.container_definitions),
        cpu=str(overrides.get("cpu") or definition.cpu),
        memory=str(overrides.get("memory") or definition.memory),
        task_role_arn=overrides.get("taskRoleArn") or getattr(definition, "task_role_arn", None),
        overrides=overrides,
        network=_network(backend, request.get("networkConfiguration")),
        launch_type="FARGATE",
        capacity_provider=_capacity_provider(cluster, request),
        group=request.get("group") or f"family:{definition.family}",
        started_by=request.get("startedBy"),
        tags=tuple(request.get("tags") or []),
    )


def _sizes(request: Json) -> None:
    if len(request.get("clientToken") or "") > MAX_CLIENT_TOKEN_CHARACTERS:
        raise invalid_parameter(f"clientToken must be at most {MAX_CLIENT_TOKEN_CHARACTERS} characters.")
    if not 1 <= int(request.get("count") or 1) <= MAX_COUNT:
        raise invalid_parameter("count should be between 1 and 10")
    if len(request.get("startedBy") or "") > MAX_STARTED_BY_CHARACTERS:
        raise invalid_parameter(f"startedBy must be at most {MAX_STARTED_BY_CHARACTERS} characters.")
    overrides = json.dumps(request.get("overrides") or {}, separators=(",", ":"), ensure_ascii=False)
    if len(overrides) > MAX_OVERRIDES_CHARACTERS:
        raise invalid_parameter(f"Container Overrides length must be at most {MAX_OVERRIDES_CHARACTERS}")
    tags = request.get("tags") or []
    if len(tags) > MAX_TAGS:
        raise invalid_parameter("The number of tags exceeds the limit of 50")
    for tag in tags:
        if len(tag.get("key", "")) > 128 or len(tag.get("value", "")) > 256:
            raise invalid_parameter("Tag keys have at most 128 characters, values at most 256.")
        if tag.get("key", "").lower().startswith("aws:"):
            raise invalid_parameter("Tag keys may not begin with aws:")


def _definition(backend: EC2ContainerServiceBackend, name: str) -> TaskDefinition:
    try:
        definition = backend.describe_task_definition(name)
    except TaskDefinitionNotFoundException:
        raise client_error("TaskDefinition not found.") from None
    if definition.status != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    return definition


def _overrides(definition: TaskDefinition, overrides: Json) -> Json:
    names = {str(container["name"]) for container in definition.container_definitions}
    given: list[Json] = list(overrides.get("containerOverrides") or [])
    for override in given:
        if override.get("name") not in names:
            raise invalid_parameter(
                f"Override for container named {override.get('name')} is not a container in the TaskDefinition."
            )
    named = {override["name"] for override in given}
    given += [{"name": name} for name in sorted(names - named)]
    return {**overrides, "containerOverrides": given, "inferenceAcceleratorOverrides": []}


def _network(backend: EC2ContainerServiceBackend, configuration: Json | None) -> Json:
    if not configuration or "awsvpcConfiguration" not in configuration:
        raise invalid_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    vpc = configuration["awsvpcConfiguration"]
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    subnets = vpc.get("subnets") or []
    if not subnets:
        raise invalid_parameter("subnets can not be empty.")
    try:
        ec2.describe_subnets(subnet_ids=subnets)
        ec2.describe_security_groups(group_ids=vpc.get("securityGroups") or [])
    except InvalidSubnetIdError as error:
        raise invalid_parameter(
            f"Error retrieving subnet information for {subnets}: {error.message} (ErrorCode: {error.code})"
        ) from None
    except InvalidSecurityGroupNotFoundError as error:
        raise invalid_parameter(
            f"Error retrieving security group information: {error.message} (ErrorCode: {error.code})"
        ) from None
    return configuration


def _capacity_provider(cluster: Any, request: Json) -> str | None:
    strategy = request.get("capacityProviderStrategy")
    if request.get("launchType") and strategy:
        raise invalid_parameter("Specify either Launch Type or Capacity Provider Strategy, but not both.")
    if request.get("launchType"):
        if request["launchType"] != "FARGATE":
            raise invalid_parameter("No Container Instances were found in your cluster.")
        return None
    strategy = strategy or cluster.default_capacity_provider_strategy
    if not strategy:
        raise invalid_parameter("No Container Instances were found in your cluster.")
    known = set(cluster.capacity_providers or [])
    for item in strategy:
        if item["capacityProvider"] not in known:
            raise invalid_parameter(
                "The specified capacity provider strategy cannot contain a capacity provider that is not "
                "associated with the cluster. Associate the capacity provider with the cluster and try again."
            )
    heaviest = max(strategy, key=lambda item: (item.get("base") or 0, item.get("weight") or 0))
    return str(heaviest["capacityProvider"])
