"""What Terraform made, as the back office is told it: definitions, network, bucket, queue, log group, policies."""

from collections.abc import Callable, Iterator
from typing import Final

from django.conf import settings

from agents.models import AgentRole
from openclaw_site.aws import facts
from openclaw_site.aws.errors import AwsError
from openclaw_site.doctor.findings import Finding, ok, problem, skipped

# What an agent is not told by RunTask, and can't start without.
_AGENT_NAMES: Final = (
    "AGENT_BUCKET",
    "DATABASE_HOST",
    "DATABASE_PORT",
    "DATABASE_NAME",
    "DATABASE_SSLMODE",
    "MODEL_ID",
)
_LEAST_MEMORY_MIB: Final = 1024
_APPLY: Final = "Run terraform apply for this environment, and compare its outputs with this process's environment."


def task_definitions(process: str) -> Iterator[Finding]:
    """Each role has a definition with a released image, its container, room for the engine and what it must be told."""
    for role in AgentRole.values:
        family = f"{settings.ECS_TASK_DEFINITION_PREFIX}-{role}"
        revision = settings.ECS_TASK_DEFINITION_REVISIONS.get(role)
        name = f"{family}:{revision}" if revision else family
        definition = facts.task_definition(name)
        if definition is None:
            yield problem(f"There is no task definition {name}.", _APPLY)
            continue
        container = definition.containers.get(f"openclaw-{role}")
        if container is None:
            yield problem(f"{name} has no container openclaw-{role}.", _APPLY)
        elif container.image.endswith(":none"):
            yield problem(f"{name} has no image yet.", "Release the agent image: docs/deploy.md, “Release”.")
        elif missing := [wanted for wanted in _AGENT_NAMES if not container.environment.get(wanted)]:
            yield problem(f"{name} does not tell its agents {', '.join(missing)}.", _APPLY)
        elif definition.memory_mib < _LEAST_MEMORY_MIB:
            yield problem(f"{name} has {definition.memory_mib} MiB; the engine needs {_LEAST_MEMORY_MIB}.", _APPLY)
        else:
            size = f"{definition.cpu / 1024:g} vCPU, {definition.memory_mib} MiB"
            yield ok(f"{name} (revision {definition.revision}): {size}.")


def network(process: str) -> Iterator[Finding]:
    """The subnets and security groups of the agents exist, in one VPC."""
    if not settings.ECS_SUBNETS or not settings.ECS_SECURITY_GROUPS:
        yield problem("ECS_SUBNETS or ECS_SECURITY_GROUPS is empty.", _APPLY)
        return
    found = facts.subnets(settings.ECS_SUBNETS)
    groups = facts.security_groups(settings.ECS_SECURITY_GROUPS)
    for subnet in sorted(set(settings.ECS_SUBNETS) - set(found)):
        yield problem(f"There is no subnet {subnet}.", _APPLY)
    for group in sorted(set(settings.ECS_SECURITY_GROUPS) - set(groups)):
        yield problem(f"There is no security group {group}.", _APPLY)
    vpcs = {subnet.vpc_id for subnet in found.values()} | set(groups.values())
    if len(vpcs) > 1:
        yield problem("Subnets and security groups are of different VPCs.", _APPLY)
    elif found and groups:
        free = sum(subnet.free_addresses for subnet in found.values())
        zones = {subnet.zone for subnet in found.values()}
        yield ok(f"{len(found)} subnets in {len(zones)} zones, room for {free} tasks.")


def stores(process: str) -> Iterator[Finding]:
    """Bucket, task events' queue, agents' log group; what this process may not look at is skipped."""
    looks: dict[str, Callable[[], bool]] = {
        f"bucket {settings.AGENT_BUCKET}": lambda: facts.bucket_exists(settings.AGENT_BUCKET),
        "task events' queue": lambda: facts.queue_exists(settings.TASK_EVENTS_QUEUE_URL),
        f"log group {settings.AGENT_LOG_GROUP}": lambda: facts.log_group_exists(settings.AGENT_LOG_GROUP),
    }
    for name, look in looks.items():
        try:
            exists = look()
        except AwsError as error:
            yield skipped(f"The {name} can't be looked at from here: {error}")
            continue
        yield ok(f"The {name} is there.") if exists else problem(f"There is no {name}.", _APPLY)
