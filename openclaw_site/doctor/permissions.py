"""What each process calls at AWS: one table, from which three things are made.

`manage.py doctor` probes what the process that it runs as needs; a test holds Terraform's task roles against the table
by evaluating their policies; an operator reads in it why a role has a right. A new call of AWS goes in here first.

Placeholders in resources and contexts: {tenant} (a TenantID), and the names of `facts()` below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

PROCESSES: Final = ("web", "worker", "provisioner", "beat", "operator")
# No customer has this id: what is probed with it does not exist, so that a probe changes nothing.
NOBODY: Final = "0" * 32


@dataclass(frozen=True)
class Need:
    """One call: its IAM action, on what, under which conditions' keys, and what for.

    `processes` are those that make it. `context` are request values that the policy may look at. `unmade` is how AWS
    may name the thing while it does not exist: without what only an existing one has, a role's path or a secret's end.
    """

    action: str
    resource: str
    why: str
    processes: tuple[str, ...]
    context: Mapping[str, str] = field(default_factory=dict)
    unmade: str | None = None


_RUNNERS: Final = ("web", "worker", "provisioner", "operator")
_MAKERS: Final = ("provisioner", "operator")
_ARCHIVERS: Final = ("worker", "provisioner", "operator")
_SECRET_KEEPERS: Final = ("worker", "provisioner", "operator")

_ROLE: Final = "arn:aws:iam::{account}:role{tenant_role_path}t_{tenant}"
_SECRET: Final = "arn:aws:secretsmanager:{region}:{account}:secret:/openclaw/{tenant}/gmail-oauth-AbCdEf"  # noqa: S105
_UNMADE_ROLE: Final = "arn:aws:iam::{account}:role/t_{tenant}"
_UNMADE_SECRET: Final = "arn:aws:secretsmanager:{region}:{account}:secret:/openclaw/{tenant}/gmail-oauth"  # noqa: S105
_TASK: Final = "arn:aws:ecs:{region}:{account}:task/{cluster}/0123456789abcdef0123456789abcdef"
_DEFINITION: Final = "arn:aws:ecs:{region}:{account}:task-definition/{task_definition_prefix}-butler:1"
_CLUSTER: Final = "arn:aws:ecs:{region}:{account}:cluster/{cluster}"
_OBJECT: Final = "arn:aws:s3:::{bucket}/{tenant}/.tenant"
_EXPORT: Final = "arn:aws:s3:::{bucket}/{tenant}/exports/0123456789abcdef.zip"
_LOGS: Final = "arn:aws:logs:{region}:{account}:log-group:{agent_log_group}"


def _secrets(*actions: str, why: str, processes: tuple[str, ...]) -> Iterator[Need]:
    for action in actions:
        yield Need(f"secretsmanager:{action}", _SECRET, why, processes, unmade=_UNMADE_SECRET)


def _roles(*actions: str, context: Mapping[str, str] | None = None, unmade: str | None = None) -> Iterator[Need]:
    why = "a customer's role is made, kept and removed"
    for action in actions:
        yield Need(f"iam:{action}", _ROLE, why, _MAKERS, context or {}, unmade)


NEEDS: Final[tuple[Need, ...]] = (
    Need(
        "ecs:RunTask",
        _DEFINITION,
        "agents are started: by the dispatcher, by staff, to prove themselves",
        _RUNNERS,
        {"ecs:cluster": _CLUSTER},
    ),
    Need("ecs:TagResource", _TASK, "a task carries its customer's tag", _RUNNERS, {"ecs:CreateAction": "RunTask"}),
    Need(
        "iam:PassRole",
        _ROLE,
        "a task acts as its customer's role",
        _RUNNERS,
        {"iam:PassedToService": "ecs-tasks.amazonaws.com"},
    ),
    Need("ecs:StopTask", _TASK, "an agent is stopped", _RUNNERS, {"aws:ResourceTag/TenantID": "{tenant}"}),
    Need("ecs:DescribeTasks", _TASK, "what became of a task", _RUNNERS),
    Need("ecs:ListTasks", "*", "what runs that nobody wants", _RUNNERS, {"ecs:cluster": _CLUSTER}),
    Need("ecs:DescribeTaskDefinition", "*", "what an agent is told, for one run here", _RUNNERS),
    Need(
        "logs:GetLogEvents",
        f"{_LOGS}:log-stream:butler/openclaw-butler/1",
        "staff read a run's log",
        ("web", "operator"),
    ),
    Need("logs:DescribeLogStreams", _LOGS, "whether there is a log", ("web", "operator")),
    Need("sqs:ReceiveMessage", "{task_events_queue_arn}", "ECS tells how tasks change", ("worker", "operator")),
    Need("sqs:DeleteMessage", "{task_events_queue_arn}", "a message is done with", ("worker", "operator")),
    *_secrets(
        "CreateSecret",
        "DescribeSecret",
        "GetSecretValue",
        "PutSecretValue",
        "RestoreSecret",
        "TagResource",
        why="Gmail tokens are stored, proved and used",
        processes=_SECRET_KEEPERS,
    ),
    Need(
        "secretsmanager:DeleteSecret",
        _SECRET,
        "a closed customer's token goes, and can be brought back for 7 days",
        _MAKERS,
        {"secretsmanager:RecoveryWindowInDays": "7"},
    ),
    Need("s3:PutObject", _OBJECT, "a customer's prefix is made", _MAKERS),
    Need("s3:PutObjectTagging", _OBJECT, "its marker is tagged", _MAKERS),
    Need("s3:DeleteObject", _OBJECT, "a closed customer's files go", _MAKERS),
    Need("s3:DeleteObjectVersion", _OBJECT, "and their older versions", _MAKERS),
    Need("s3:ListBucket", "arn:aws:s3:::{bucket}", "what a prefix holds", _MAKERS, {"s3:prefix": "{tenant}/"}),
    Need(
        "s3:ListBucketVersions",
        "arn:aws:s3:::{bucket}",
        "what is left of it, and how much",
        _MAKERS,
        {"s3:prefix": "{tenant}/"},
    ),
    Need("ce:GetCostAndUsage", "*", "our costs are compared with the bill", ("operator",)),
    Need("s3:PutObject", _EXPORT, "an archive of a customer's data is stored", _ARCHIVERS),
    Need("s3:DeleteObject", _EXPORT, "an archive goes when its time is over", _ARCHIVERS),
    Need("s3:DeleteObjectVersion", _EXPORT, "and for good", _ARCHIVERS),
    Need("s3:GetObject", _EXPORT, "an owner downloads it by a link that the web process signs", ("web",)),
    *_roles("CreateRole", "PutRolePermissionsBoundary", context={"iam:PermissionsBoundary": "{tenant_boundary_arn}"}),
    *_roles("AttachRolePolicy", context={"iam:PolicyARN": "{tenant_policy_arn}"}),
    *_roles(
        "DeleteRole",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
    ),
    *_roles("GetRole", "ListAttachedRolePolicies", "ListRolePolicies", "ListRoleTags", unmade=_UNMADE_ROLE),
    Need(
        "cloudwatch:PutMetricData",
        "*",
        "queues, agents and onboardings are counted",
        ("worker", "operator"),
        {"cloudwatch:namespace": "{metrics_namespace}"},
    ),
)


def needs_of(process: str) -> list[Need]:
    """What the process calls, in the table's order. Raises KeyError for a process that there is none of."""
    if process not in PROCESSES:
        raise KeyError(process)
    return [need for need in NEEDS if process in need.processes]


def filled(text: str, facts: Mapping[str, str], tenant: str = NOBODY) -> str:
    """A resource or context with its placeholders replaced."""
    return text.format(tenant=tenant, **facts)
