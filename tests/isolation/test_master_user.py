"""Bootstrap by a master user who is no superuser, as RDS gives one."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tenants.isolation.roles import platform_roles_ensure

DATABASE = "as_on_rds"


@pytest.fixture
def master_url(django_db_setup: None) -> Iterator[str]:
    """A database of a master user's own. The platform's roles are the server's, and there already."""
    admin_url = os.environ["DATABASE_ADMIN_URL"]
    where = urlsplit(admin_url)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE openclaw_admin LOGIN CREATEROLE CREATEDB IN ROLE rds_iam")
        admin.execute("GRANT rds_iam TO openclaw_admin WITH ADMIN TRUE")
        roles = ("owner", "app", "public", "tenant", "platform", "agent")
        for role in admin.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", ([f"openclaw_{role}" for role in roles],)
        ).fetchall():
            # As if the master user had made them.
            admin.execute(f"GRANT {role[0]} TO openclaw_admin WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        admin.execute(f"CREATE DATABASE {DATABASE} OWNER openclaw_admin")
        yield f"postgres://openclaw_admin@{where.hostname}:{where.port}/{DATABASE}"
        admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        # What it granted goes with it.
        admin.execute("DROP OWNED BY openclaw_admin CASCADE")
        admin.execute("DROP ROLE openclaw_admin")


def test_it_makes_the_platform_and_names_what_it_could_not_take(master_url: str) -> None:
    refused = platform_roles_ensure(admin_url=master_url, app_password=None, owner_password=None)
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"].replace("/openclaw", f"/{DATABASE}")) as admin:
        owner = admin.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        enter = admin.execute("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'app_enter'").fetchone()
    assert owner == enter == ("openclaw_owner",)
    assert all(statement.startswith(("REVOKE", "GRANT USAGE ON LANGUAGE")) for statement in refused)
    assert any("pg_advisory_lock" in statement for statement in refused)


def test_a_superuser_leaves_nothing(django_db_setup: None) -> None:
    passwords = [urlsplit(os.environ[name]).password for name in ("DATABASE_URL", "DATABASE_OWNER_URL")]
    refused = platform_roles_ensure(
        admin_url=os.environ["DATABASE_ADMIN_URL"], app_password=passwords[0], owner_password=passwords[1]
    )
    assert refused == []
