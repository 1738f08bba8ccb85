"""A customer with its consent, and what stands of it: counted in PostgreSQL, in AWS and in ECS, not in our records."""

import os

import httpx
from django.db import connections

from openclaw_site.aws import ecs, iam, secrets, storage
from tenants.gmail.services import connect_link
from tenants.gmail.services.consent import Consent, consent_accept
from tenants.isolation.roles import agent_role_exists
from tenants.isolation.schemas import schema_problems
from tenants.models import Customer, Provisioning
from tests.gmail.visit import GMAIL_SCOPE, MAILBOX, refresh_token_of
from tests.onboarding.runs import onboard

ROLES = ("butler", "scout", "writer")


def consent(customer: Customer) -> None:
    """The customer's owner has said yes at Google; the token waits in the outbox."""
    link = connect_link(customer=customer, actor=None)
    given = Consent(MAILBOX, True, frozenset({"openid", "email", GMAIL_SCOPE}), refresh_token_of(MAILBOX))
    consent_accept(intent_token=httpx.URL(link.url).params["intent"], consent=given)


def onboard_with_consent() -> tuple[Customer, Provisioning]:
    """A customer that was just asked for and has said yes at Google already, and its queued run."""
    customer, run = onboard(email=MAILBOX)
    consent(customer)
    return customer, run


def standing(customer: Customer) -> dict[str, int]:
    """How many of each thing exist outside our own records; what there is none of is left out."""
    role = iam.find_role(name=customer.database_role)
    secret = secrets.find_secret(name=customer.secret_name)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", (customer.schema_name,))
        schemas = cursor.fetchone()[0]
    counted = {
        "schemas": schemas,
        "logins": int(agent_role_exists(customer_id=customer.id)),
        "objects": storage.count_objects(bucket=os.environ["AGENT_BUCKET"], prefix=customer.storage_prefix),
        "roles": int(role is not None),
        "secrets": int(secret is not None and secret.deleted_at is None),
        "tasks": len(tasks(customer)),
    }
    return {name: count for name, count in counted.items() if count}


def tasks(customer: Customer) -> list[ecs.TaskInfo]:
    """Every task that ECS remembers of the customer, whoever started it."""
    cluster = os.environ["ECS_CLUSTER"]
    arns = {arn for status in ("RUNNING", "STOPPED") for arn in ecs.list_task_arns(cluster=cluster, status=status)}
    found = ecs.describe_tasks(cluster=cluster, task_arns=sorted(arns))
    return [info for info in found if info.tags.get("TenantID") == customer.tenant_hex]


def assert_first_four_whole(customer: Customer) -> None:
    """One schema, one login, one prefix, one role, each as it should be."""
    assert schema_problems(customer_id=customer.id) == []
    assert agent_role_exists(customer_id=customer.id)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT rolconfig, rolcanlogin, has_schema_privilege(rolname, %s, 'USAGE') FROM pg_roles "
            "WHERE rolname = %s",
            (customer.schema_name, customer.database_role),
        )
        settings, can_login, may_use = cursor.fetchone()
    assert f"search_path={customer.schema_name}" in settings
    assert (can_login, may_use) == (True, True)
    assert storage.count_objects(bucket=os.environ["AGENT_BUCKET"], prefix=customer.storage_prefix) == 1
    role = iam.find_role(name=customer.database_role)
    assert role is not None
    assert role.policy_arns == (os.environ["TENANT_POLICY_ARN"],)
    assert role.boundary_arn == os.environ["TENANT_BOUNDARY_ARN"]
    assert role.tags == {"TenantID": customer.tenant_hex}
