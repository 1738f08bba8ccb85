"""Whether this process may do a thing, found out by doing nothing: reads, and writes aimed at what does not exist.

Owns the calls and the reading of their answers. AWS decides about the right before it looks for the thing, so a denial
means that the right is missing, and “there is no such thing” that it is there. What would have an effect even then is
no probe (making a secret, a role or an object; passing a role; stopping a task, which goes by the task's tags).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
_TRUST: Final = '{"Version":"2012-10-17","Statement":[]}'


@dataclass(frozen=True)
class Target:
    """What the probes are aimed at: the platform's names, and a customer that does not exist."""

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
_SECRETS: Final[Mapping[str, Probe]] = {
    "secretsmanager:DescribeSecret": ("secretsmanager", "describe_secret", lambda at: {"SecretId": at.secret}),
    "secretsmanager:GetSecretValue": ("secretsmanager", "get_secret_value", lambda at: {"SecretId": at.secret}),
    "secretsmanager:PutSecretValue": (
        "secretsmanager",
        "put_secret_value",
        lambda at: {"SecretId": at.secret, "SecretString": "{}"},
    ),
    "secretsmanager:RestoreSecret": ("secretsmanager", "restore_secret", lambda at: {"SecretId": at.secret}),
    "secretsmanager:TagResource": (
        "secretsmanager",
        "tag_resource",
        lambda at: {"SecretId": at.secret, "Tags": [{"Key": "TenantID", "Value": at.tenant}]},
    ),
    "secretsmanager:DeleteSecret": (
        "secretsmanager",
        "delete_secret",
        lambda at: {"SecretId": at.secret, "RecoveryWindowInDays": 7},
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

PROBES: Final[Mapping[str, Probe]] = {**_ECS, **_LOGS, **_SQS, **_SECRETS, **_S3, **_IAM}


def is_allowed(action: str, target: Target) -> bool:
    """Whether the action is. Changes nothing, so it is safe to repeat.

    Raises KeyError for an action that has no probe, and AwsError (Throttled, Unreachable, CredentialsMissing,
    ServiceFault) when it can't be told.
    """
    service, method, parameters = PROBES[action]
    maker: Any = client
    try:
        with translated(action, private=True):
            getattr(maker(service), method)(**parameters(target))
    except AccessDenied:
        return False
    except _UNCLEAR:
        raise
    except AwsError:
        return True
    return True
