"""What the outside shows of a customer: PostgreSQL, Secrets Manager, ECS. Asks nothing of the product's code.

The numbers go into the report's JSON as they are; `problems` says in words what does not hold.
"""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import boto3
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from openclaw_site.demo.work import gather_work
from openclaw_site.devstack.world import World

TABLES = ("activities", "drafts", "inbox_messages", "leads")
ROLES = {"butler", "scout", "writer"}
STEPS = 7

_STEPS = """
SELECT s.name, s.state, s.attempts,
       round(extract(epoch FROM s.finished_at - s.started_at)::numeric, 3)::float AS seconds
FROM tenants_provisioningstep s JOIN tenants_provisioning p ON p.id = s.provisioning_id
WHERE p.tenant_id = %s AND p.kind = 'onboard' ORDER BY s.position
"""
_TASKS = """
SELECT a.role, r.task_arn FROM agents_agentrun r JOIN agents_agent a ON a.id = r.agent_id
WHERE r.tenant_id = %s AND r.task_arn <> '' ORDER BY a.role, r.requested_at
"""


@dataclass
class Evidence:
    """One customer as the outside shows it."""

    name: str
    tenant_id: str
    schema: str
    secret: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    rows_in_other_context: dict[str, int] = field(default_factory=dict)
    other_role_refused: bool = False
    leads: list[dict[str, Any]] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    engine: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report's entry, without the words."""
        return {key: value for key, value in vars(self).items() if key != "problems"}


def customer_state(world: World, customer_id: uuid.UUID) -> str:
    """The customer's state as its row says, read by the superuser."""
    with psycopg.connect(world.postgres.url()) as connection:
        row = connection.execute("SELECT state FROM tenants_customer WHERE id = %s", (customer_id,)).fetchone()
    return str(row[0]) if row else "missing"


def runs_going(world: World) -> int:
    """How many agent runs have not ended."""
    with psycopg.connect(world.postgres.url()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM agents_agentrun WHERE state NOT IN ('succeeded', 'failed')"
        ).fetchone()
    return int(row[0]) if row else 0


def gather(world: World, *, name: str, email: str, customer_id: uuid.UUID, other_id: uuid.UUID) -> Evidence:
    """Look at one customer from every side; `other_id` is another customer, who must see nothing of it."""
    schema, other = f"t_{customer_id.hex}", f"t_{other_id.hex}"
    evidence = Evidence(name, customer_id.hex, schema, f"/openclaw/{customer_id.hex}/gmail-oauth")
    with psycopg.connect(world.postgres.url()) as connection:
        with connection.cursor(row_factory=dict_row) as cursor:
            evidence.steps = cursor.execute(_STEPS, (customer_id,)).fetchall()
        tasks = connection.execute(_TASKS, (customer_id,)).fetchall()
        evidence.rows = {table: _count(connection, schema, table) for table in TABLES}
    evidence.tasks = [_task(world, role, arn) for role, arn in tasks]
    evidence.rows_in_other_context = _rows_seen_as(world, other_id, schema)
    evidence.other_role_refused = _refused_to(world, other, schema)
    work = gather_work(world, customer_id=customer_id, email=email)
    evidence.leads, evidence.drafts, evidence.engine = work.leads, work.drafts, work.engine
    evidence.problems = [*_problems(world, evidence), *work.problems]
    return evidence


def _count(connection: psycopg.Connection[Any], schema: str, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
    return int(row[0]) if row else 0


def _client(world: World, service: str) -> Any:
    environment = world.environment()
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def _task(world: World, role: str, arn: str) -> dict[str, Any]:
    reply = _client(world, "ecs").describe_tasks(cluster=world.environment()["ECS_CLUSTER"], tasks=[arn])
    task: dict[str, Any] = reply["tasks"][0] if reply["tasks"] else {"lastStatus": "MISSING", "containers": [{}]}
    return {
        "role": role,
        "arn": arn,
        "status": task["lastStatus"],
        "exit_code": task["containers"][0].get("exitCode"),
    }


def _rows_seen_as(world: World, other_id: uuid.UUID, schema: str) -> dict[str, int]:
    """What the application's own login sees of `schema` in another customer's context."""
    with psycopg.connect(world.environment()["DATABASE_URL"]) as connection:
        connection.execute(
            "SELECT public.app_enter('openclaw_tenant', %s, %s, false)", (f"t_{other_id.hex}", other_id.hex)
        )
        return {table: _count(connection, schema, table) for table in TABLES}


def _refused_to(world: World, login: str, schema: str) -> bool:
    """Whether another customer's agent login is refused every table of `schema`."""
    with psycopg.connect(
        host="127.0.0.1", port=world.ports.postgres, user=login, dbname="openclaw", autocommit=True
    ) as connection:
        for table in TABLES:
            try:
                _count(connection, schema, table)
            except psycopg.errors.InsufficientPrivilege:
                continue
            return False
    return True


def _problems(world: World, evidence: Evidence) -> list[str]:
    problems = []
    if len(evidence.steps) != STEPS or any(step["state"] != "done" for step in evidence.steps):
        problems.append("not every provisioning step is done")
    finished = {task["role"] for task in evidence.tasks if task["status"] == "STOPPED" and task["exit_code"] == 0}
    if finished != ROLES:
        problems.append(f"agents that ran to a good end: {sorted(finished)}")
    if evidence.rows["inbox_messages"] < 12 or evidence.rows["activities"] < 3:
        problems.append("the agents wrote too little into the customer's schema")
    if any(evidence.rows_in_other_context.values()):
        problems.append("another customer's context sees rows")
    if not evidence.other_role_refused:
        problems.append("another customer's login can read the schema")
    problems += _secret_problems(world, evidence.secret)
    return problems


def _secret_problems(world: World, name: str) -> list[str]:
    client = _client(world, "secretsmanager")
    try:
        value = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return [f"the secret {name} does not exist"]
    missing = {"refresh_token", "token_uri", "client_id", "client_secret", "scopes"} - {
        k for k, v in value.items() if v
    }
    stored = ["an access token is stored in the secret"] if value.get("access_token") else []
    return stored + ([f"the secret lacks {sorted(missing)}"] if missing else [])
