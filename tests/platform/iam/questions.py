"""How the proof asks: rows of (action, resource, what the service tells), and the names that they are written with."""

from collections.abc import Iterable

from openclaw_site.doctor.permissions import Need, filled
from tests.platform.iam.evaluator import Decision, Policy, Principal, Request, decide
from tests.platform.iam.rendered import ACCOUNT, NAME, REGION, TENANT_PATH, A, World

BUCKET = f"arn:aws:s3:::{NAME}-agents-{ACCOUNT}"
STATE = f"arn:aws:s3:::{NAME}-terraform-state-{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
DB = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/openclaw/production"
BEDROCK = "bedrock:InvokeModel"
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
CLUSTER = {"ecs:cluster": f"{ECS}:cluster/{NAME}"}
TO_ECS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}

Row = tuple[str, str] | tuple[str, str, dict[str, str]]
EVERYTHING = Policy.of({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def answers(there: World, who: Principal, rows: Iterable[Row]) -> dict[str, Decision]:
    """The decision on each row, by `action on resource`."""
    found = {}
    for action, resource, *context in rows:
        policy = there.bucket_policy if resource.startswith(BUCKET) else None
        request = Request(action, resource, context[0] if context else {}, policy)
        found[f"{action} on {resource} {context[0] if context else ''}"] = decide(who, request)
    return found


def allowed(there: World, who: Principal, rows: Iterable[Row]) -> list[str]:
    return [row for row, decision in answers(there, who, rows).items() if decision == Decision.ALLOWED]


def refused(there: World, who: Principal, rows: Iterable[Row]) -> list[str]:
    return [row for row, decision in answers(there, who, rows).items() if decision != Decision.ALLOWED]


def role(name: str, path: str = "/openclaw/production/") -> str:
    return f"{IAM}:role{path}{name}"


def facts(there: World) -> dict[str, str]:
    return {
        "account": ACCOUNT,
        "region": REGION,
        "cluster": NAME,
        "task_definition_prefix": NAME,
        "tenant_role_path": TENANT_PATH,
        "tenant_boundary_arn": there.outputs["tenant_boundary_arn"],
        "tenant_policy_arn": there.outputs["tenant_policy_arn"],
        "bucket": BUCKET.removeprefix("arn:aws:s3:::"),
        "agent_log_group": "/openclaw/production/agents",
        "task_events_queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-task-events",
        "metrics_namespace": "OpenClaw/production",
    }


def needed(there: World, needs: Iterable[Need]) -> list[Row]:
    """The needs as rows, for customer A; a thing that may not exist yet also as AWS may then name it."""
    known = facts(there)
    return [
        (
            need.action,
            filled(resource, known, tenant=A),
            {key: filled(value, known, tenant=A) for key, value in need.context.items()},
        )
        for need in needs
        for resource in (need.resource, need.unmade)
        if resource is not None
    ]
