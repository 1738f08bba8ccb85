"""The platform that Terraform owns in production, made through the AWS API on the embedded one.

Owns the resources that no single customer has: network, cluster, task definitions, bucket, queue with its
event rule, log group, policies. Customers' roles, secrets and prefixes are made by the product.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from . import policies

REGION = "eu-central-1"
PREFIX = "openclaw-dev"
ROLES = ("butler", "scout", "writer")
LOG_GROUP = "/openclaw/dev/agents"
TENANT_ROLE_PATH = "/openclaw/tenants/"
# moto takes any key pair for its default account; these are names, not secrets.
ACCESS_KEY_ID = "devstack"
SECRET_ACCESS_KEY = "devstack"  # noqa: S105


@dataclass(frozen=True)
class Platform:
    """Names and addresses of what was made, as the back office is told them."""

    cluster: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    bucket: str
    queue_url: str
    dead_letter_url: str
    tenant_policy_arn: str
    boundary_arn: str

    def environment(self) -> dict[str, str]:
        """The back office's environment names for these."""
        return {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "ECS_CLUSTER": self.cluster,
            "ECS_SUBNETS": ",".join(self.subnets),
            "ECS_SECURITY_GROUPS": ",".join(self.security_groups),
            "ECS_TASK_DEFINITION_PREFIX": PREFIX,
            "TASK_EVENTS_QUEUE_URL": self.queue_url,
            "AGENT_LOG_GROUP": LOG_GROUP,
            "AGENT_BUCKET": self.bucket,
            "TENANT_ROLE_PATH": TENANT_ROLE_PATH,
            "TENANT_POLICY_ARN": self.tenant_policy_arn,
            "TENANT_BOUNDARY_ARN": self.boundary_arn,
        }


class Seeder:
    """Makes the platform on an empty AWS at `endpoint_url`."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = boto3.Session(
            aws_access_key_id=ACCESS_KEY_ID, aws_secret_access_key=SECRET_ACCESS_KEY, region_name=REGION
        )
        self._account = str(self.client("sts").get_caller_identity()["Account"])

    def client(self, service: Any) -> Any:
        """A client of one service of the embedded AWS."""
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        return self._session.client(service, endpoint_url=self._endpoint_url, config=config)

    def seed(self, agent_environment: Mapping[str, str]) -> Platform:
        """Make everything. `agent_environment`, with the bucket's name, goes into the task definitions."""
        subnets, groups = self._network()
        bucket = self._bucket()
        queue_url, dead_letter_url = self._task_events()
        tenant_policy_arn, boundary_arn = self._policies(bucket)
        self.client("logs").create_log_group(logGroupName=LOG_GROUP)
        self._cluster({**agent_environment, "AGENT_BUCKET": bucket})
        return Platform(
            cluster=PREFIX,
            subnets=subnets,
            security_groups=groups,
            bucket=bucket,
            queue_url=queue_url,
            dead_letter_url=dead_letter_url,
            tenant_policy_arn=tenant_policy_arn,
            boundary_arn=boundary_arn,
        )

    def _network(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
        subnets = tuple(
            ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
            for zone, block in (("a", "10.40.0.0/20"), ("b", "10.40.16.0/20"))
        )
        group = ec2.create_security_group(GroupName=f"{PREFIX}-agents", Description="Agents: no way in", VpcId=vpc)[
            "GroupId"
        ]
        return subnets, (group,)

    def _bucket(self) -> str:
        s3 = self.client("s3")
        bucket = f"{PREFIX}-agents"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        return bucket

    def _task_events(self) -> tuple[str, str]:
        """A queue that gets the cluster's "ECS Task State Change" events, and a dead-letter queue."""
        sqs, events = self.client("sqs"), self.client("events")
        dead_url = sqs.create_queue(QueueName=f"{PREFIX}-task-events-dead")["QueueUrl"]
        dead_arn = self._queue_arn(sqs, dead_url)
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 5})
        attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "30"}
        url = sqs.create_queue(QueueName=f"{PREFIX}-task-events", Attributes=attributes)["QueueUrl"]
        arn = self._queue_arn(sqs, url)
        cluster_arn = f"arn:aws:ecs:{REGION}:{self._account}:cluster/{PREFIX}"
        pattern = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {"clusterArn": [cluster_arn]},
        }
        rule = f"{PREFIX}-task-events"
        rule_arn = events.put_rule(Name=rule, EventPattern=json.dumps(pattern), State="ENABLED")["RuleArn"]
        policy = policies.queue_policy(queue_arn=arn, rule_arn=rule_arn)
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
        return url, dead_url

    def _policies(self, bucket: str) -> tuple[str, str]:
        iam = self.client("iam")
        where = {"region": REGION, "account": self._account, "bucket": bucket}
        tenant = iam.create_policy(
            PolicyName=f"{PREFIX}-tenant", Path="/openclaw/", PolicyDocument=policies.tenant_policy(**where)
        )
        boundary = iam.create_policy(
            PolicyName=f"{PREFIX}-tenant-boundary",
            Path="/openclaw/",
            PolicyDocument=policies.boundary_policy(**where),
        )
        iam.create_role(
            RoleName=f"{PREFIX}-execution",
            Path="/openclaw/",
            AssumeRolePolicyDocument=policies.trust_policy(),
        )
        return tenant["Policy"]["Arn"], boundary["Policy"]["Arn"]

    def _cluster(self, agent_environment: Mapping[str, str]) -> None:
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=PREFIX, capacityProviders=["FARGATE", "FARGATE_SPOT"])
        for role in ROLES:
            ecs.register_task_definition(
                family=f"{PREFIX}-{role}",
                requiresCompatibilities=["FARGATE"],
                networkMode="awsvpc",
                cpu="512",
                memory="1024",
                executionRoleArn=f"arn:aws:iam::{self._account}:role/openclaw/{PREFIX}-execution",
                containerDefinitions=[_container(role, agent_environment)],
            )

    @staticmethod
    def _queue_arn(sqs: Any, url: str) -> str:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])


def _container(role: str, environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": f"openclaw-{role}",
        "image": "openclaw-agent:local",
        "essential": True,
        "command": ["python", "-m", "agents.runtime"],
        "memory": 1024,
        "stopTimeout": 30,
        "readonlyRootFilesystem": True,
        "environment": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": LOG_GROUP,
                "awslogs-region": REGION,
                "awslogs-stream-prefix": role,
            },
        },
    }
