"""Runs one agent's tick on this machine, as a task would run it in ECS. Platform context.

For development and for looking closely: the same program, names, role and database login, but no AgentRun, since there
is no task. The pause of a customer or of the fleet holds here too.
"""

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.db import connections

from agents.errors import AgentsPaused
from agents.models import Agent
from agents.plans import terms_of
from agents.runtime.exits import Exit
from agents.selectors import fleet_paused
from agents.services.launch import agent_environment, agent_role_arn, container_name, task_definition
from agents.workspace.models import Activity
from openclaw_site.aws import ecs
from openclaw_site.aws.identity import assume_role
from tenants.isolation.context import enter_platform
from tenants.models import Customer

# What the agent takes over from this process; database passwords, keys and our own credentials are not among it.
_INHERITED = ("PATH", "HOME", "LANG", "TZ", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "PGSSLROOTCERT")
_PREFIXES = ("MODEL_", "ENGINE_")


@dataclass(frozen=True)
class LocalRun:
    """How the tick ended, and what it wrote: figures by kind of activity, no mail text."""

    run_id: uuid.UUID
    exit_code: int
    activities: list[tuple[str, dict[str, object]]]

    @property
    def meaning(self) -> str:
        """The exit code in words."""
        known = Exit.explain(self.exit_code)
        return known.meaning if known else f"The agent ended with code {self.exit_code}."


def agent_run_here(*, agent: Agent, output: IO[str]) -> LocalRun:
    """One tick of the agent has run on this machine; its log lines went to `output`.

    Safe to repeat, and beside a task of the same agent: what both find is stored once. Raises AgentsPaused, and
    AwsError when the role's task definition can't be read, or AWS does not let this process be the customer's role (in
    AWS it trusts ECS tasks alone, unless its trust policy names the operators' role as well).
    """
    customer = agent.tenant
    if customer.paused_at is not None or fleet_paused():
        raise AgentsPaused(f"{customer.name} is paused.", next_action="Resume it first.")
    run_id = uuid.uuid4()
    role = assume_role(role_arn=agent_role_arn(customer=customer), session_name=f"local-{agent.role}")
    done = subprocess.Popen(
        [sys.executable, "-m", "agents.runtime"],
        cwd=settings.BASE_DIR,
        env={**_defined(customer, agent), **_ours(), **role.environment(), **_told(customer, agent, run_id)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with done:
        for line in done.stdout or ():
            output.write(line)
    return LocalRun(run_id, done.returncode, _written(customer, run_id))


def _defined(customer: Customer, agent: Agent) -> dict[str, str]:
    """What a task of the agent is told by its definition: the model and the engine among it."""
    definition = task_definition(customer, agent.role)
    return ecs.task_environment(task_definition=definition, container=container_name(agent.role))


def _told(customer: Customer, agent: Agent, run_id: uuid.UUID) -> dict[str, str]:
    cents = terms_of(customer.plan).model_budget_cents
    return agent_environment(customer=customer, role=agent.role, run_id=run_id, mode="once", model_budget_cents=cents)


def _ours() -> dict[str, str]:
    """What holds on this machine instead: our own settings, and what of our environment an agent may have.

    The database may be reached by another name from here, and the engine may lie elsewhere.
    """
    database = connections["default"].settings_dict
    inherited = {name: value for name, value in os.environ.items() if name in _INHERITED or name.startswith(_PREFIXES)}
    return {
        **inherited,
        "AWS_REGION": settings.AWS_REGION,
        "AWS_DEFAULT_REGION": settings.AWS_REGION,
        "AGENT_BUCKET": settings.AGENT_BUCKET,
        "GMAIL_API_ENDPOINT": settings.GMAIL_API_ENDPOINT,
        "DATABASE_HOST": str(database["HOST"]),
        "DATABASE_PORT": str(database["PORT"] or 5432),
        "DATABASE_NAME": str(database["NAME"]),
        "DATABASE_SSLMODE": str(database["OPTIONS"].get("sslmode", "prefer")),
        "HEALTH_PORT": "0",
    }


def _written(customer: Customer, run_id: uuid.UUID) -> list[tuple[str, dict[str, object]]]:
    with enter_platform(customer.id):
        rows = Activity.objects.filter(tenant_id=customer.id, agent_run_id=run_id).order_by("created_at")
        return list(rows.values_list("kind", "data"))
