"""What can go wrong with AWS, in the words of this product.

Owns the exception classes; `translation` decides which one an answer becomes. Each says in
`retryable` whether the same call may succeed later by itself, and in `next_action` what a person
should do when it does not. Messages name resources, never a secret's value.
"""

from __future__ import annotations

from typing import ClassVar


class AwsError(Exception):
    """An AWS call that did not do what was asked.

    `operation` is the AWS operation's name, `code` the error code AWS answered with ("" when the
    call never got an answer).
    """

    retryable: ClassVar[bool] = False
    default_next_action: ClassVar[str] = "Read the message, correct what it names, then retry."

    def __init__(self, detail: str, *, operation: str = "", code: str = "", next_action: str | None = None) -> None:
        super().__init__(f"{operation}: {detail}" if operation else detail)
        self.operation = operation
        self.code = code
        self.next_action = next_action or self.default_next_action


class Throttled(AwsError):
    """AWS asked us to slow down, and still did after the client's own retries."""

    retryable = True
    default_next_action = "Nothing now: it is tried again later. If it lasts, ask AWS to raise the request rate."


class Unreachable(AwsError):
    """No answer: the endpoint can't be resolved, reached or did not answer in time."""

    retryable = True
    default_next_action = (
        "Check the network path to AWS (endpoints, proxy, security groups, AWS_ENDPOINT_URL); it is tried again later."
    )


class ServiceFault(AwsError):
    """AWS failed on its own side, or was busy with another change of the same thing."""

    retryable = True
    default_next_action = "Nothing now: it is tried again later. If it lasts, look at the AWS Health Dashboard."


class CapacityExhausted(AwsError):
    """Fargate has no room for the task now (no capacity, or the account's vCPU limit is reached)."""

    retryable = True
    default_next_action = (
        "Nothing now: it is tried again later. If it lasts, add subnets in other availability zones "
        "or raise the Fargate vCPU quota."
    )


class RoleNotReady(AwsError):
    """A role exists but IAM has not spread it everywhere yet."""

    retryable = True
    default_next_action = (
        "Nothing now: a new role takes some seconds to be usable. If it lasts over five minutes, "
        "check the role's trust policy."
    )


class AccessDenied(AwsError):
    """Our own identity may not do this."""

    default_next_action = (
        "Grant the identity that the message names the permission that it names (Terraform owns both), then retry."
    )


class CredentialsMissing(AwsError):
    """There are no AWS credentials, or AWS does not accept them (unknown, expired, badly signed)."""

    default_next_action = (
        "Give this process AWS credentials (its task role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) "
        "and check the machine's clock, then retry."
    )


class InvalidRequest(AwsError):
    """The request can't succeed as it is written."""


class QuotaReached(InvalidRequest):
    """An account quota on the number of things is used up."""

    default_next_action = "Ask AWS (Service Quotas) to raise the quota that the message names, then retry."


class SecretMissing(AwsError):
    """There is no readable secret of this name (never made, deleted, or scheduled for deletion)."""

    default_next_action = "Store the secret again (for a customer's Gmail: connect it again)."


class RoleMissing(AwsError):
    """There is no IAM role of this name."""

    default_next_action = "Run the customer's provisioning again, which makes its role."


class PolicyMissing(AwsError):
    """A managed policy or permissions boundary that a role needs does not exist."""

    default_next_action = "Apply Terraform, which owns this policy, or correct its ARN, then retry."


class BucketMissing(AwsError):
    """There is no such S3 bucket."""

    default_next_action = "Apply Terraform, which owns the bucket, or correct AGENT_BUCKET, then retry."


class ClusterMissing(AwsError):
    """There is no such active ECS cluster."""

    default_next_action = "Apply Terraform, which owns the cluster, or correct ECS_CLUSTER, then retry."


class TaskDefinitionMissing(AwsError):
    """There is no such active ECS task definition."""

    default_next_action = (
        "Apply Terraform, which owns the task definitions, or correct ECS_TASK_DEFINITION_PREFIX, then retry."
    )


class TaskMissing(AwsError):
    """ECS does not know this task (it forgets a task about an hour after it stopped)."""

    default_next_action = "Nothing: the task is gone. Start the agent again if it should run."


class LogGroupMissing(AwsError):
    """There is no such CloudWatch log group."""

    default_next_action = "Apply Terraform, which owns the log group, or correct AGENT_LOG_GROUP, then retry."


class QueueMissing(AwsError):
    """There is no such SQS queue."""

    default_next_action = "Apply Terraform, which owns the queue, or correct TASK_EVENTS_QUEUE_URL, then retry."


class ClientTokenConflict(AwsError):
    """This client token already started a task with other parameters.

    `task_arn` is that task, or None when AWS did not name it.
    """

    default_next_action = "Nothing: the task that this token started is adopted."

    def __init__(
        self,
        detail: str,
        *,
        operation: str = "",
        code: str = "",
        next_action: str | None = None,
        task_arn: str | None = None,
    ) -> None:
        super().__init__(detail, operation=operation, code=code, next_action=next_action)
        self.task_arn = task_arn


class CostDataMissing(AwsError):
    """Cost Explorer has no figures for these days."""

    retryable = True
    default_next_action = (
        "Switch Cost Explorer on in the account's billing console, and wait a day; it keeps 13 months back."
    )
