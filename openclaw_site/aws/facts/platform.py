"""What Terraform made, as AWS shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import BucketMissing, InvalidRequest, LogGroupMissing, QueueMissing, TaskDefinitionMissing
from openclaw_site.aws.translation import translated


@dataclass(frozen=True)
class Container:
    """A container of a definition; `environment` without its secrets."""

    image: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class TaskDefinition:
    """`cpu` counts CPU units (1,024 a vCPU), memory is in MiB; containers by name."""

    revision: int
    cpu: int
    memory_mib: int
    containers: Mapping[str, Container]


def task_definition(name: str) -> TaskDefinition | None:
    """A family's newest, or family:revision; None when there is none."""
    try:
        with translated("DescribeTaskDefinition"):
            found = client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"]
    except TaskDefinitionMissing:
        return None
    return TaskDefinition(
        revision=found["revision"],
        cpu=int(found.get("cpu", "0")),
        memory_mib=int(found.get("memory", "0")),
        containers={
            container["name"]: Container(
                image=container.get("image", ""),
                environment={entry["name"]: entry["value"] for entry in container.get("environment", [])},
            )
            for container in found["containerDefinitions"]
        },
    )


@dataclass(frozen=True)
class Subnet:
    """A subnet with the addresses that are left in it."""

    vpc_id: str
    zone: str
    free_addresses: int


def subnets(ids: Sequence[str]) -> dict[str, Subnet]:
    """Those of the subnets that exist, by id."""
    with translated("DescribeSubnets"):
        found = client("ec2").describe_subnets(Filters=[{"Name": "subnet-id", "Values": list(ids)}])["Subnets"]
    return {
        subnet["SubnetId"]: Subnet(subnet["VpcId"], subnet["AvailabilityZone"], subnet["AvailableIpAddressCount"])
        for subnet in found
    }


def security_groups(ids: Sequence[str]) -> dict[str, str]:
    """The VPC of those of the groups that exist, by id."""
    with translated("DescribeSecurityGroups"):
        found = client("ec2").describe_security_groups(Filters=[{"Name": "group-id", "Values": list(ids)}])
    return {group["GroupId"]: group["VpcId"] for group in found["SecurityGroups"]}


def bucket_exists(bucket: str) -> bool:
    """Whether it does, of this account or another."""
    try:
        with translated("ListObjectsV2", missing=BucketMissing):
            client("s3").list_objects_v2(Bucket=bucket, MaxKeys=1, Prefix="0" * 32 + "/")
    except BucketMissing:
        return False
    return True


def queue_exists(url: str) -> bool:
    """Whether it does."""
    try:
        with translated("GetQueueAttributes", missing=QueueMissing):
            client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    except (QueueMissing, InvalidRequest):
        return False
    return True


def log_group_exists(group: str) -> bool:
    """Whether it does."""
    try:
        with translated("DescribeLogStreams", missing=LogGroupMissing):
            client("logs").describe_log_streams(logGroupName=group, limit=1)
    except LogGroupMissing:
        return False
    return True
