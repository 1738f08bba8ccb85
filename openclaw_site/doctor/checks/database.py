"""PostgreSQL: reachable, logged in as the right role and nobody stronger, migrated, its walls standing."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from openclaw_site.doctor.findings import Finding, ok, problem, skipped, warning
from tenants.isolation.backend.login import with_login_token
from tenants.isolation.context import PLATFORM_ROLE, PUBLIC_ROLE, TENANT_ROLE

_CONNECT_SECONDS: Final = 5
_LOGIN: Final = {"default": "openclaw_app", "owner": "openclaw_owner"}
_OWNERS: Final = ("provisioner", "operator")
_BOOTSTRAP: Final = "Run `manage.py bootstrap_database` with DATABASE_ADMIN_URL."
_WHO: Final = """
SELECT current_user, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
       array(SELECT m.rolname::text FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.roleid WHERE a.member = r.oid),
       current_setting('server_version_num')::int, current_setting('max_connections')::int
FROM pg_roles r WHERE r.rolname = current_user
"""


def reachable(process: str) -> Iterator[Finding]:
    """Each database of the process: a log-in as its role. A connection of its own, outside any context."""
    for alias in connections:
        yield from _login(alias)
    if process in _OWNERS and "owner" not in connections.databases:
        yield problem("DATABASE_OWNER_URL is not set, and this process makes schemas and roles.", "Set it.")
    if process not in _OWNERS and process != "" and "owner" in connections.databases:
        yield warning(
            "DATABASE_OWNER_URL is set, and this process needs no owner's rights.",
            "Take it away: only provisioner and operator get it.",
        )


def _login(alias: str) -> Iterator[Finding]:
    wrapper = connections[alias]
    try:
        params = {**wrapper.get_connection_params(), "connect_timeout": _CONNECT_SECONDS}
        with psycopg.connect(**_plain(with_login_token(params)), autocommit=True) as connection:
            row = connection.execute(_WHO).fetchone()
    except (psycopg.OperationalError, DatabaseError, ImproperlyConfigured) as error:
        first = str(error).strip().split("\n")[0]
        yield problem(
            f"The database `{alias}` can't be reached: {first}",
            "Check its URL, the security groups on port 5432, and that the task role may rds-db:connect as this user.",
        )
        return
    if row is None:
        yield problem(f"The database `{alias}` does not show its own role.", _BOOTSTRAP)
        return
    user, is_super, bypasses, _, members, version, _ = row
    if is_super or bypasses:
        yield problem(
            f"`{alias}` logs in as {user}, whom Row-Level Security does not hold.",
            f"Log in as {_LOGIN.get(alias, 'a role of the platform')}, never as a superuser or with BYPASSRLS.",
        )
    elif alias in _LOGIN and user != _LOGIN[alias]:
        yield problem(f"`{alias}` logs in as {user}, not {_LOGIN[alias]}.", "Correct the user in its URL.")
    elif alias == "default" and (lacking := {PUBLIC_ROLE, TENANT_ROLE, PLATFORM_ROLE} - set(members)):
        yield problem(f"{user} can't enter {', '.join(sorted(lacking))}.", _BOOTSTRAP)
    else:
        yield ok(f"`{alias}`: PostgreSQL {version // 10000}, as {user}.")


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    """libpq's own parameters: Django adds some of its own."""
    return {
        name: value for name, value in params.items() if name not in {"cursor_factory", "context", "prepare_threshold"}
    }


def migrated(process: str) -> Iterator[Finding]:
    """The public schema has every migration of this release, and none that it does not know."""
    executor = MigrationExecutor(connections["owner" if "owner" in connections.databases else "default"])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if missing:
        first = missing[0][0]
        yield problem(
            f"{len(missing)} migrations are not applied, the first is {first.app_label}.{first.name}.",
            "Run `manage.py migrate` with the owner's login; a release does it before it rolls out.",
        )
    elif unknown:
        yield warning(
            f"The database has {len(unknown)} migrations that this release does not know: it is older than the schema.",
            "Nothing, if this is a roll-back: migrations stay readable for the release before.",
        )
    else:
        yield ok("All migrations are applied.")


def walls(process: str) -> Iterator[Finding]:
    """Policies, forced security and composite keys are as declared (the system checks of tenants.isolation)."""
    if process == "beat":
        yield skipped("The clock reads no table.")
        return
    found = run_checks(tags=[Tags.database], databases=["default"])
    for message in found:
        yield problem(message.msg, message.hint or "Run `manage.py migrate` with the owner's login.")
    if not found:
        yield ok(f"Every table with a tenant_id is walled off ({settings.DATABASE_POOLING} pooling).")
