"""Customers whose agents can run, runs in any state, and tasks as ECS would describe them."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.services import agents_ensure
from openclaw_site.aws.ecs import TaskInfo
from openclaw_site.aws.secrets import put_secret
from openclaw_site.devstack.world import World
from tenants.models import Customer, CustomerState, GmailConnection, GmailState
from tenants.onboarding.steps.database_role import DatabaseRoleStep
from tenants.onboarding.steps.iam_role import IamRoleStep
from tenants.onboarding.steps.schema import SchemaStep
from tests.factories import make_customer

READ_SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
MAILBOX = "olivia@harborline-roofing.example"


def make_agent(role: str = "butler", **customer_fields: Any) -> Agent:
    """An agent of a new active customer with an IAM role, so that ECS can start its task."""
    customer = make_customer(**{"state": CustomerState.ACTIVE, **customer_fields})
    IamRoleStep().apply(customer)
    return agent_of(customer, role)


def agent_of(customer: Customer, role: str = "butler") -> Agent:
    """The customer's agent of this role; all three exist."""
    agents_ensure(customer=customer)
    return Agent.objects.select_related("tenant").get(tenant=customer, role=role)


def make_run(agent: Agent, *, age_seconds: float = 0, **fields: Any) -> AgentRun:
    """A run of the agent, asked for `age_seconds` ago."""
    run = AgentRun.objects.create(**{"tenant": agent.tenant, "agent": agent, "trigger": "schedule", **fields})
    set_age(run, age_seconds)
    return run


def set_age(run: AgentRun, seconds: float) -> None:
    """The run was asked for that long ago."""
    run.requested_at = timezone.now() - timedelta(seconds=seconds)
    AgentRun.objects.filter(pk=run.pk).update(requested_at=run.requested_at)


def task_arn() -> str:
    return f"arn:aws:ecs:eu-central-1:123456789012:task/openclaw-dev/{uuid.uuid4().hex}"


def make_info(arn: str, last_status: str = "RUNNING", **fields: Any) -> TaskInfo:
    """A task as ECS describes it."""
    return TaskInfo(
        **{
            "arn": arn,
            "task_definition_arn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/openclaw-dev-butler:7",
            "last_status": last_status,
            "desired_status": "STOPPED" if last_status in ("DEPROVISIONING", "STOPPED") else "RUNNING",
            "capacity_provider": "FARGATE_SPOT",
            "cpu": 256,
            "memory_mib": 512,
            **fields,
        }
    )


def stopped(arn: str, exit_code: int | None = 0, **fields: Any) -> TaskInfo:
    """A task that has stopped."""
    return make_info(
        arn,
        "STOPPED",
        **{
            "exit_code": exit_code,
            "stop_code": "EssentialContainerExited",
            "stopped_reason": "Essential container in task exited",
            "stopped_at": timezone.now(),
            **fields,
        },
    )


def make_provisioned_customer(world: World, **fields: Any) -> Customer:
    """A customer with all that its agents need: schema, login, IAM role and the token of a real consent."""
    customer = make_customer(**{"email": MAILBOX, "state": CustomerState.PROVISIONING, **fields})
    for step in (SchemaStep(), DatabaseRoleStep(), IamRoleStep()):
        step.apply(customer)
        step.verify(customer)
    connect_gmail(world, customer)
    return customer


def connect_gmail(world: World, customer: Customer) -> None:
    """The customer consents, and its token is stored."""
    google = world.google
    secret = {
        "access_token": "",
        "refresh_token": _refresh_token(world, customer.email),
        "token_uri": f"{google.url}/oauth2/token",
        "client_id": google.client_id,
        "client_secret": google.client_secret,
        "scopes": [READ_SCOPE],
    }
    put_secret(name=customer.secret_name, value=secret, tags={"TenantID": customer.tenant_hex})
    GmailConnection.objects.filter(tenant=customer).update(
        state=GmailState.CONNECTED, connected_at=timezone.now(), google_email=customer.email
    )


def _refresh_token(world: World, email: str) -> str:
    google = world.google
    form = {
        "email": email,
        "client_id": google.client_id,
        "redirect_uri": google.redirect_uris[0],
        "scope": READ_SCOPE,
        "state": "state",
        "access_type": "offline",
        "prompt": "consent",
    }
    answer = httpx.post(f"{google.url}/o/oauth2/v2/auth/callback", data=form)
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    exchange = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": google.redirect_uris[0],
        "client_id": google.client_id,
        "client_secret": google.client_secret,
    }
    return str(httpx.post(f"{google.url}/oauth2/token", data=exchange).json()["refresh_token"])
