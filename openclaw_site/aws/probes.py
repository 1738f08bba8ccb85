"""Whether this process may do a thing, found out by doing nothing: reads, and writes aimed at what does not exist.

Owns the calls and the reading of their answers. AWS decides about the right before it looks for the thing, so a denial
means that the right is missing, and “there is no such thing” that it is there. What would have an effect even then is
no probe (making a secret, a role or an object; passing a role; stopping a task, which goes by the task's tags; asking
Cost Explorer, which has a price).

A role that does not exist has no path that AWS could hold against a policy for one path, so it may be refused to who
may well change a role on that path: of such a refusal nothing is concluded, but where the product itself asks for a
role that may not be there. A secret is named by its whole ARN for the same reason, with the same exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import (
    AccessDenied,
    AwsError,
    CredentialsMissing,
    ServiceFault,
    Throttled,
    Unreachable,
)
from openclaw_site.aws.translation import translated

_UNCLEAR: Final = (Throttled, Unreachable, CredentialsMissing, ServiceFault)
_NO_TASK: Final = "0" * 32
_NO_REVISION: Final = 2_000_000_000
_TRUST: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
)


class Answer(StrEnum):
    """What a probe tells. `UNTOLD`: it was refused, which says nothing about a thing that exists."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    UNTOLD = "untold"


@dataclass(frozen=True)
class Target:
    """What the probes are aimed at: the platform's names, and a customer that does not exist."""

    account: str
    region: str
    tenant: str
    cluster: str
    family: str
    subnets: tuple[str, ...]
    log_group: str
    queue_url: str
    bucket: str
    boundary_arn: str
    policy_arn: str

    @property
    def secret(self) -> str:
        return f"/openclaw/{self.tenant}/gmail-oauth"

    @property
    def secret_arn(self) -> str:
        # Secrets Manager adds six characters of its own.
        return f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{self.secret}-AbCdEf"

    @property
    def role(self) -> str:
        return f"t_{self.tenant}"


# action: (boto3's service, its method, the parameters)
Probe = tuple[str, str, Callable[[Target], dict[str, Any]]]

_ECS: Final[Mapping[str, Probe]] = {
    "ecs:RunTask": (
        "ecs",
        "run_task",
        lambda at: {
            "cluster": at.cluster,
            "taskDefinition": f"{at.family}:{_NO_REVISION}",
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": list(at.subnets)}},
        },
    ),
    "ecs:DescribeTasks": ("ecs", "describe_tasks", lambda at: {"cluster": at.cluster, "tasks": [_NO_TASK]}),
    "ecs:ListTasks": ("ecs", "list_tasks", lambda at: {"cluster": at.cluster, "maxResults": 1}),
    "ecs:DescribeTaskDefinition": ("ecs", "describe_task_definition", lambda at: {"taskDefinition": at.family}),
}
_LOGS: Final[Mapping[str, Probe]] = {
    "logs:GetLogEvents": (
        "logs",
        "get_log_events",
        lambda at: {"logGroupName": at.log_group, "logStreamName": f"doctor/{_NO_TASK}", "limit": 1},
    ),
    "logs:DescribeLogStreams": ("logs", "describe_log_streams", lambda at: {"logGroupName": at.log_group, "limit": 1}),
}
_SQS: Final[Mapping[str, Probe]] = {
    "sqs:DeleteMessage": ("sqs", "delete_message", lambda at: {"QueueUrl": at.queue_url, "ReceiptHandle": "doctor"}),
}
# The first two by name, since so the product asks for a secret that may not be there.
_SECRETS: Final[Mapping[str, Probe]] = {
    "secretsmanager:DescribeSecret": ("secretsmanager", "describe_secret", lambda at: {"SecretId": at.secret}),
    "secretsmanager:GetSecretValue": ("secretsmanager", "get_secret_value", lambda at: {"SecretId": at.secret}),
    "secretsmanager:PutSecretValue": (
        "secretsmanager",
        "put_secret_value",
        lambda at: {"SecretId": at.secret_arn, "SecretString": "{}"},
    ),
    "secretsmanager:RestoreSecret": ("secretsmanager", "restore_secret", lambda at: {"SecretId": at.secret_arn}),
    "secretsmanager:TagResource": (
        "secretsmanager",
        "tag_resource",
        lambda at: {"SecretId": at.secret_arn, "Tags": [{"Key": "TenantID", "Value": at.tenant}]},
    ),
    "secretsmanager:DeleteSecret": (
        "secretsmanager",
        "delete_secret",
        lambda at: {"SecretId": at.secret_arn, "RecoveryWindowInDays": 7},
    ),
}
_S3: Final[Mapping[str, Probe]] = {
    "s3:ListBucket": (
        "s3",
        "list_objects_v2",
        lambda at: {"Bucket": at.bucket, "Prefix": f"{at.tenant}/", "MaxKeys": 1},
    ),
    "s3:ListBucketVersions": (
        "s3",
        "list_object_versions",
        lambda at: {"Bucket": at.bucket, "Prefix": f"{at.tenant}/", "MaxKeys": 1},
    ),
}


def _role(method: str, **more: Any) -> Probe:
    return "iam", method, lambda at: {"RoleName": at.role, **more}


_IAM: Final[Mapping[str, Probe]] = {
    "iam:GetRole": _role("get_role"),
    "iam:ListRoleTags": _role("list_role_tags"),
    "iam:ListRolePolicies": _role("list_role_policies"),
    "iam:ListAttachedRolePolicies": _role("list_attached_role_policies"),
    "iam:DeleteRole": _role("delete_role"),
    "iam:DeleteRolePolicy": _role("delete_role_policy", PolicyName="doctor"),
    "iam:TagRole": _role("tag_role", Tags=[{"Key": "TenantID", "Value": _NO_TASK}]),
    "iam:UntagRole": _role("untag_role", TagKeys=["doctor"]),
    "iam:UpdateAssumeRolePolicy": _role("update_assume_role_policy", PolicyDocument=_TRUST),
    "iam:PutRolePermissionsBoundary": (
        "iam",
        "put_role_permissions_boundary",
        lambda at: {"RoleName": at.role, "PermissionsBoundary": at.boundary_arn},
    ),
    "iam:AttachRolePolicy": (
        "iam",
        "attach_role_policy",
        lambda at: {"RoleName": at.role, "PolicyArn": at.policy_arn},
    ),
    "iam:DetachRolePolicy": (
        "iam",
        "detach_role_policy",
        lambda at: {"RoleName": at.role, "PolicyArn": at.policy_arn},
    ),
}

# Asked for by the product when there may be no such role: a refusal is one there too.
_ASKED_OF_NOBODY: Final = frozenset({"iam:GetRole", "iam:ListAttachedRolePolicies"})

PROBES: Final[Mapping[str, Probe]] = {**_ECS, **_LOGS, **_SQS, **_SECRETS, **_S3, **_IAM}


def probe(action: str, target: Target) -> Answer:
    """Whether the action is allowed. Changes nothing, so it is safe to repeat.

    Raises KeyError for an action that has no probe, and AwsError when it can't be told: Throttled, Unreachable,
    CredentialsMissing, ServiceFault, and InvalidRequest for what was never sent (a setting is empty or malformed).
    """
    service, method, parameters = PROBES[action]
    maker: Any = client
    try:
        with translated(action, private=True):
            getattr(maker(service), method)(**parameters(target))
    except AccessDenied:
        return Answer.UNTOLD if action in _IAM and action not in _ASKED_OF_NOBODY else Answer.REFUSED
    except _UNCLEAR:
        raise
    except AwsError as error:
        if not error.code:
            raise
    return Answer.ALLOWED
