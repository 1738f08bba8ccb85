"""The web process's login and the system check that watches over the walls."""

import os

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from tenants.isolation.policies import isolation_apply, protected_tables

pytestmark = pytest.mark.usefixtures("customers")


def app() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@pytest.mark.parametrize("role", [None, "openclaw_public", "openclaw_tenant", "openclaw_platform"])
@pytest.mark.parametrize(
    "statement",
    ["CREATE SCHEMA loot", "CREATE ROLE loot", "CREATE TABLE public.loot (x int)", "DROP TABLE public.tenants_domain"],
)
def test_the_web_process_cannot_make_or_drop_structures(role: str | None, statement: str) -> None:
    with app() as connection:
        if role:
            connection.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("role", ["openclaw_owner", "postgres"])
def test_the_web_process_cannot_become_the_owner(role: str) -> None:
    with app() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SET ROLE {role}")


def test_anonymous_pages_reach_these_tables_and_no_other() -> None:
    """None of allauth's: a Gmail consent is looked up nowhere, and nobody signs in by a social account."""
    with app() as connection:
        connection.execute("SET ROLE openclaw_public")
        rows = connection.execute(
            "SELECT relname, array(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p "
            "WHERE has_table_privilege(c.oid, p) OR p <> 'DELETE' AND has_any_column_privilege(c.oid, p)) "
            "FROM pg_class c WHERE relkind IN ('r', 'v', 'm', 'p') AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert {table: privileges for table, privileges in rows if privileges} == {
        "billing_paymentevent": ["INSERT"],
        "billing_plan": ["SELECT"],
        "django_content_type": ["SELECT"],
        "django_session": ["SELECT", "INSERT", "UPDATE", "DELETE"],
        "tenants_customer": ["SELECT"],  # the subdomain alone: see the next test
        "tenants_domain": ["SELECT"],
        "tenants_signup": ["SELECT", "INSERT", "UPDATE"],
        "tenants_user": ["SELECT", "UPDATE"],
    }


def test_anonymous_pages_see_of_a_customer_only_that_its_subdomain_is_taken() -> None:
    with app() as connection:
        connection.execute("SET ROLE openclaw_public")
        connection.execute("SELECT slug FROM public.tenants_customer")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT name FROM public.tenants_customer")


def test_without_a_context_the_login_can_do_nothing() -> None:
    with app() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM public.tenants_customer")


@pytest.mark.parametrize(
    "arguments",
    [
        ("openclaw_owner", "public", ""),
        ("openclaw_tenant", "public", ""),
        ("openclaw_tenant", "t_" + "0" * 32, "1" * 32),
        ("openclaw_public", "pg_catalog", ""),
    ],
)
def test_app_enter_refuses_contexts_that_do_not_fit(arguments: tuple[str, str, str]) -> None:
    with app() as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("SELECT public.app_enter(%s, %s, %s, false)", arguments)


def test_tenant_role_without_a_tenant_sees_no_rows() -> None:
    with app() as connection:
        connection.execute("SET ROLE openclaw_tenant")
        for value in ("", "not set"):
            if value == "":
                connection.execute("SELECT set_config('app.tenant_id', '', false)")
            assert connection.execute("SELECT count(*) FROM public.tenants_customer").fetchone() == (0,)


def test_the_check_passes_as_migrated() -> None:
    call_command("check", databases=["default"])


@pytest.mark.parametrize(
    ("damage", "number"),
    [
        ("ALTER TABLE agents_agent NO FORCE ROW LEVEL SECURITY", "tenants.E001"),
        ("DROP POLICY tenant_rows ON agents_agent", "tenants.E002"),
        ("CREATE POLICY leak ON agents_agent TO openclaw_tenant USING (true)", "tenants.E002"),
        ("ALTER TABLE agents_agentrun DROP CONSTRAINT agents_agentrun_agent_id_same_tenant", "tenants.E003"),
    ],
)
def test_the_check_notices_a_hole(damage: str, number: str) -> None:
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(damage)
    try:
        with pytest.raises(SystemCheckError, match=number):
            call_command("check", databases=["default"])
    finally:
        with owner.cursor() as cursor:
            cursor.execute("DROP POLICY IF EXISTS leak ON agents_agent")
            if "CONSTRAINT" in damage:
                cursor.execute(
                    "ALTER TABLE agents_agentrun ADD CONSTRAINT agents_agentrun_agent_id_same_tenant FOREIGN KEY "
                    "(tenant_id, agent_id) REFERENCES agents_agent (tenant_id, id) DEFERRABLE INITIALLY DEFERRED"
                )
        isolation_apply(schema="public")


def test_every_table_with_a_tenant_is_protected() -> None:
    assert set(protected_tables("public")) == {
        "agents_agent", "agents_agentrun", "billing_budgetalert", "billing_cardaccount", "billing_cardvisit",
        "billing_costentry", "billing_invoice", "billing_invoiceline", "billing_lossalert", "billing_notice",
        "billing_subscription", "billing_usagerecord", "tenants_closingmail", "tenants_customer",
        "tenants_dataexport", "tenants_domain",
        "tenants_gmailconnection", "tenants_gmailintent", "tenants_handover", "tenants_invitation",
        "tenants_membermail", "tenants_membership", "tenants_provisioning", "tenants_provisioningstep",
        "tenants_supportaccess", "tenants_supportvisit", "tenants_tokenoutbox",
    }  # fmt: skip
    assert protected_tables("t_x") == [
        "activities",
        "briefs",
        "drafts",
        "inbox_messages",
        "leads",
        "mailbox_state",
        "model_usage",
        "profiles",
    ]
