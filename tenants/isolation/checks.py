"""System checks of the isolation: `manage.py check --database default` reads the catalogs and compares.

A table with a `tenant_id` must have row-level security enabled and forced, exactly the declared policies, and, where it
refers to another such table, a foreign key on `(tenant_id, id)`, because PostgreSQL's own checks ignore policies.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from tenants.isolation.context import PLATFORM_ROLE, Context, enter
from tenants.isolation.policies import declared_policies, protected_tables

_TABLES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
       array(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
"""
_FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, cardinality(c.conkey)
FROM pg_constraint c
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""


@register(Tags.database)
def tables_are_protected(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Errors tenants.E001 (unprotected table), E002 (policies differ) and E003 (foreign key without the tenant)."""
    if not databases or "default" not in databases:
        return []
    with enter(Context(PLATFORM_ROLE)), connections["default"].cursor() as cursor:
        tables = protected_tables("public")
        cursor.execute(_TABLES, ("public", tables))
        found = {row[0]: (row[1], set(row[2])) for row in cursor.fetchall()}
        cursor.execute(_FOREIGN_KEYS)
        foreign_keys = cursor.fetchall()
    errors: list[CheckMessage] = []
    for table in tables:
        if table not in found:
            continue  # Not migrated yet; migrate says so itself.
        forced, policies = found[table]
        declared = {policy.name for policy in declared_policies("public", table)}
        if not forced:
            errors.append(_error("E001", f"{table} has a tenant_id, but row-level security is not forced on it."))
        if policies != declared:
            errors.append(_error("E002", f"{table} has the policies {sorted(policies)}; declared: {sorted(declared)}."))
    return errors + _foreign_key_errors(foreign_keys, set(tables) - {"tenants_customer"})


def _foreign_key_errors(rows: list[tuple[str, str, int]], tables: set[str]) -> list[CheckMessage]:
    inside = [(child, parent, size) for child, parent, size in rows if child in tables and parent in tables]
    pairs = {(child, parent) for child, parent, _ in inside}
    composite = {(child, parent) for child, parent, size in inside if size > 1}
    return [
        _error("E003", f"{child} refers to {parent} without a foreign key on (tenant_id, id).")
        for child, parent in sorted(pairs - composite)
    ]


def _error(number: str, text: str) -> CheckMessage:
    return Error(text, hint="Run `manage.py migrate` with the owner's login.", id=f"tenants.{number}")
