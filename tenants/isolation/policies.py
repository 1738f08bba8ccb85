"""Row-Level Security and grants, declared here and brought about by `isolation_apply`.

Nothing is granted by a migration: a new table is out of every role's reach until it is applied, which happens at the
end of each migration. Every table with a `tenant_id` gets its policies without anybody having to remember it.

Policies name a role (`TO`) and never use OR: one with OR cost the index (42 ms against 0.25 ms at a million rows). The
setting is read once a query through a scalar subselect; unset or empty means no rows.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import connections
from psycopg import sql

from tenants.isolation.context import PLATFORM_ROLE, PUBLIC_ROLE, TENANT_ROLE

OWNER_ROLE = "openclaw_owner"
AGENT_ROLE = "openclaw_agent"
CURRENT_TENANT = "(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"
# An agent's rows are those of its own login, which it cannot set as it could a parameter.
OWN_TENANT = "(SELECT substr(current_user::text, 3)::uuid)"
READ_WRITE = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row-level policy on one table."""

    name: str
    role: str
    using: str
    command: str = "ALL"

    def statement(self, schema: str, table: str) -> sql.Composed:
        """The CREATE POLICY statement."""
        check = sql.SQL("" if self.command in {"SELECT", "DELETE"} else f" WITH CHECK ({self.using})")
        return (
            sql.SQL("CREATE POLICY {} ON {} AS PERMISSIVE FOR {} TO {} USING ({})").format(
                sql.Identifier(self.name),
                sql.Identifier(schema, table),
                sql.SQL(self.command),
                sql.Identifier(self.role),
                sql.SQL(self.using),
            )
            + check
        )


# What each role may do with public tables, beyond the platform's everything. A role without a line can't see a table.
# Columns in brackets: only those.
PUBLIC_GRANTS: dict[str, dict[str, str]] = {
    PUBLIC_ROLE: {
        "tenants_domain": "SELECT",
        "tenants_user": "SELECT, UPDATE (last_login, password, google_subject)",
        "tenants_customer": "SELECT (slug)",
        "tenants_signup": "SELECT, INSERT, UPDATE (state, problem, subdomain, plan, confirmed_at, signed_in_at)",
        "django_session": READ_WRITE,
        "django_content_type": "SELECT",
        "billing_plan": "SELECT",
        # That something happened at Stripe; what, a worker asks there.
        "billing_paymentevent": "INSERT",
    },
    TENANT_ROLE: {
        # Owners say where their office hours are; the agents follow within seconds.
        "tenants_customer": "SELECT, UPDATE (time_zone)",
        "tenants_domain": "SELECT",
        # Owners change their team at once, so no job stands between. Only the platform makes somebody a member.
        "tenants_membership": "SELECT, UPDATE (role, brief_since, hot_leads_since, time_zone), DELETE",
        "tenants_invitation": "SELECT, INSERT, UPDATE (role, invited_by_id, serial, sent_at, expires_at), DELETE",
        "tenants_membermail": "SELECT, INSERT, UPDATE (begun_at, sent_at), DELETE",
        "tenants_dataexport": READ_WRITE,
        "tenants_user": "SELECT, UPDATE (last_login, password, session_epoch)",
        "tenants_gmailconnection": "SELECT, UPDATE",
        # A member who connects Gmail again gets the intent at once.
        "tenants_gmailintent": "SELECT, INSERT, UPDATE (used_at, with_drafts)",
        "tenants_handover": "SELECT, INSERT, DELETE",
        "tenants_supportaccess": "SELECT, UPDATE (ended_at, ended_by_id)",
        "tenants_supportvisit": "SELECT, INSERT, UPDATE (times, last_at)",
        "tenants_tokenoutbox": READ_WRITE,
        "tenants_provisioning": "SELECT",
        "tenants_provisioningstep": "SELECT",
        "agents_agent": "SELECT",
        "agents_agentrun": "SELECT",
        "agents_fleet": "SELECT",
        "billing_plan": "SELECT",
        # Wishes and what stands on invoices; the states are the platform's.
        "billing_subscription": "SELECT, "
        "UPDATE (agreed_at, next_plan_id, cancels, billing_name, billing_address, tax_id, billing_email)",
        "billing_invoice": "SELECT",
        "billing_invoiceline": "SELECT",
        # A wish to be led to Stripe's pages; where that is, and what is known of its side, the platform writes.
        "billing_cardvisit": "SELECT, INSERT",
        "billing_cardaccount": "SELECT",
        # What it used, and what it was told; never what that cost us.
        "billing_usagerecord": "SELECT (id, tenant_id, day, kind, quantity)",
        "billing_budgetalert": "SELECT (id, tenant_id, month, threshold_percent, created_at)",
        "django_session": READ_WRITE,
        "django_content_type": "SELECT",
    },
}

# Public tables of which even the platform may not change everything: an invoice stays as it was issued.
PLATFORM_GRANTS: dict[str, str] = {
    "billing_invoice": "SELECT, INSERT, UPDATE (state, paid_on, paid_by_id, payment_reference, failed_on, mailed_at)",
    "billing_invoiceline": "SELECT, INSERT",
    "billing_invoiceseries": "SELECT, INSERT, UPDATE",
}

# What staff can see of a table in a customer's schema: that rows exist and when, never what the mail says.
PLATFORM_COLUMNS: dict[str, tuple[str, ...]] = {
    "inbox_messages": (
        "id",
        "tenant_id",
        "created_at",
        "category",
        "urgency",
        "needs_reply",
        "classified_at",
        "sorted_at",
        "scouted_at",
    ),
    "leads": ("id", "tenant_id", "created_at", "score"),
    "drafts": ("id", "tenant_id", "created_at", "status", "lead_id"),
    "activities": ("id", "tenant_id", "created_at", "agent_role", "agent_run_id", "kind", "data"),
    "briefs": ("id", "tenant_id", "created_at", "day"),
    "mailbox_state": ("id", "tenant_id", "created_at", "agent_role", "history_id", "updated_at"),
    "model_usage": (
        "id",
        "tenant_id",
        "created_at",
        "agent_role",
        "agent_run_id",
        "model",
        "calls",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cost_micro_usd",
    ),
    "profiles": ("id", "tenant_id", "created_at", "updated_at"),
}


def _public_policies(table: str) -> list[Policy]:
    key = "id" if table == "tenants_customer" else "tenant_id"
    policies = [
        Policy("tenant_rows", TENANT_ROLE, f"{key} = {CURRENT_TENANT}"),
        Policy("platform_rows", PLATFORM_ROLE, "true"),
        Policy("owner_rows", OWNER_ROLE, "true"),
    ]
    # The host of a request is looked up before anybody is known, and so is whether a subdomain is free.
    if table in {"tenants_domain", "tenants_customer"}:
        policies.append(Policy("public_lookup", PUBLIC_ROLE, "true", "SELECT"))
    return policies


def _tenant_policies(table: str) -> list[Policy]:
    own = f"tenant_id = {CURRENT_TENANT}"
    return [
        Policy("tenant_rows", TENANT_ROLE, own),
        Policy("agent_rows", AGENT_ROLE, f"tenant_id = {OWN_TENANT}"),
        Policy("platform_rows", PLATFORM_ROLE, own, "SELECT"),
        Policy("owner_rows", OWNER_ROLE, "true"),
    ]


def protected_tables(schema: str) -> list[str]:
    """Tables of our models in `schema` that must carry policies: those with a `tenant_id`, and the customers'."""
    workspace = schema != "public"
    tables = []
    for model in apps.get_models():
        if (model._meta.app_label == "workspace") != workspace or model._meta.proxy:
            continue
        columns = {field.column for field in model._meta.concrete_fields}
        if "tenant_id" in columns or model._meta.label == "tenants.Customer":
            tables.append(model._meta.db_table)
    return sorted(tables)


def declared_policies(schema: str, table: str) -> list[Policy]:
    """The policies that `table` must have, no more and no fewer."""
    return _public_policies(table) if schema == "public" else _tenant_policies(table)


def isolation_apply(*, schema: str, using: str = "owner") -> None:
    """Bring policies and grants of `schema` to what is declared here, as the owner. Safe to repeat, at any time.

    One transaction, one round trip: a reader meets either the old rules or the new ones.
    """
    statements: list[sql.Composable] = []
    for table in protected_tables(schema):
        name = sql.Identifier(schema, table)
        statements.append(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY").format(name))
        for policy in declared_policies(schema, table):
            statements.append(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(policy.name), name))
            statements.append(policy.statement(schema, table))
    statements += _public_grants() if schema == "public" else _tenant_grants(schema)
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL client_min_messages = warning; " + _text(statements, connection) + "; COMMIT")


def _public_grants() -> list[sql.Composable]:
    public = sql.Identifier("public")
    statements: list[sql.Composable] = [
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(public, _names(PUBLIC_ROLE, TENANT_ROLE, PLATFORM_ROLE)),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(public, _names(PUBLIC_ROLE, TENANT_ROLE)),
        sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(sql.SQL(READ_WRITE), public, _names(PLATFORM_ROLE)),
        sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(
            public, _names(PUBLIC_ROLE, TENANT_ROLE, PLATFORM_ROLE)
        ),
    ]
    for table, privileges in PLATFORM_GRANTS.items():
        name = sql.Identifier("public", table)
        statements.append(sql.SQL("REVOKE ALL ON {} FROM {}").format(name, _names(PLATFORM_ROLE)))
        statements.append(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(privileges), name, _names(PLATFORM_ROLE)))
    for role, tables in PUBLIC_GRANTS.items():
        for table, privileges in tables.items():
            statements.append(
                sql.SQL("GRANT {} ON {} TO {}").format(
                    sql.SQL(privileges), sql.Identifier("public", table), sql.Identifier(role)
                )
            )
    return statements


def _tenant_grants(schema: str) -> list[sql.Composable]:
    name = sql.Identifier(schema)
    statements: list[sql.Composable] = [
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(name, _names(TENANT_ROLE, PLATFORM_ROLE)),
    ]
    for table in protected_tables(schema):
        full = sql.Identifier(schema, table)
        columns = sql.SQL(", ").join(map(sql.Identifier, PLATFORM_COLUMNS[table]))
        statements.append(
            sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(READ_WRITE), full, sql.Identifier(TENANT_ROLE))
        )
        statements.append(sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(columns, full, sql.Identifier(PLATFORM_ROLE)))
    return statements


def _names(*roles: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, roles))


def _text(statements: list[sql.Composable], connection: object) -> str:
    connection.ensure_connection()  # type: ignore[attr-defined]
    return "; ".join(statement.as_string(connection.connection) for statement in statements)  # type: ignore[attr-defined]
