"""Customers' schemas: made, migrated, verified and dropped through the owner's login."""

import uuid
from typing import Any

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django_tenants.migration_executors.base import run_migrations
from psycopg import sql

from tenants.isolation.context import schema_of
from tenants.isolation.policies import isolation_apply, protected_tables

# The one app whose tables stand in a customer's schema.
_APP = "workspace"
# What `migrate` expects of its parsed command line, here where it is called without one.
_MIGRATE_OPTIONS: dict[str, Any] = {
    "interactive": False,
    "skip_checks": True,
    "force_color": False,
    "no_color": True,
    "migration_name": None,
    "plan": False,
    "fake": False,
    "fake_initial": False,
    "run_syncdb": False,
    "check_unapplied": False,
    "prune": False,
}


def migrate_schema(*, schema: str, verbosity: int = 0, using: str = "owner") -> None:
    """Bring one schema's tables to the newest migration, then apply its policies and grants. Safe to repeat."""
    options = {**_MIGRATE_OPTIONS, "database": using, "verbosity": verbosity}
    # In a customer's schema, naming the app keeps `migrate` from walking through the history of all others.
    options["app_label"] = None if schema == "public" else _APP
    run_migrations([], options, "standard", schema)
    isolation_apply(schema=schema, using=using)


def schema_create(*, customer_id: uuid.UUID, using: str = "owner") -> bool:
    """Make the customer's schema with its tables, policies and grants; True when it was new. Safe to repeat.

    A half-made schema (killed between two statements) is completed. Raises django.db.Error.
    """
    schema = schema_of(customer_id)
    is_new = not schema_exists(schema=schema, using=using)
    with connections[using].cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    migrate_schema(schema=schema, using=using)
    return is_new


def schema_exists(*, schema: str, using: str = "owner") -> bool:
    """Whether a schema of this name exists."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,))
        return cursor.fetchone() is not None


def schema_problems(*, customer_id: uuid.UUID, using: str = "owner") -> list[str]:
    """What is missing from a customer's schema: tables, forced row-level security, migrations. Empty when whole."""
    schema = schema_of(customer_id)
    tables = protected_tables(schema)
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind = 'r' AND c.relforcerowsecurity",
            (schema,),
        )
        protected = {row[0] for row in cursor.fetchall()}
        problems = [f"table {table} is missing or unprotected" for table in tables if table not in protected]
        if problems:
            return problems
        cursor.execute(sql.SQL("SELECT app, name FROM {}").format(sql.Identifier(schema, "django_migrations")))
        applied = set(cursor.fetchall())
    wanted = {key for key in MigrationLoader(None).disk_migrations or {} if key[0] == _APP}
    return [f"migration {app}.{name} is not applied" for app, name in sorted(wanted - applied)]


def schema_drop(*, customer_id: uuid.UUID, using: str = "owner") -> dict[str, int] | None:
    """Drop the customer's schema; the rows that its tables held, by table, or None when there was none."""
    schema = schema_of(customer_id)
    if not schema_exists(schema=schema, using=using):
        return None
    found: dict[str, int] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind = 'r'",
            (schema,),
        )
        existing = {row[0] for row in cursor.fetchall()}
        for table in sorted(existing & set(protected_tables(schema))):
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table)))
            row = cursor.fetchone()
            found[table] = int(row[0]) if row else 0
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    return found
