"""Database roles: those of the platform (made once by a superuser) and the login of each customer's agents.

What a hostile agent could use is taken from PUBLIC: CONNECT to other databases, TEMP, the public schema, plpgsql for
new functions, large objects, advisory locks, `pg_notify`, and the statistics views that show others' statements. What
can't be taken (LISTEN and NOTIFY as commands, the catalogs, CPU time) is stated in docs/isolation.md.
"""

import uuid

import psycopg
from django.db import connections
from psycopg import sql

from tenants.isolation.context import PLATFORM_ROLE, PUBLIC_ROLE, TENANT_ROLE, schema_of
from tenants.isolation.policies import AGENT_ROLE, OWNER_ROLE, READ_WRITE, protected_tables

APP_LOGIN = "openclaw_app"
AGENT_CONNECTION_LIMIT = 8  # Three agents, two connections each, and one task that replaces another.

# A function with a SET clause would undo the very settings it makes, so this one has none.
APP_ENTER = """
CREATE OR REPLACE FUNCTION public.app_enter(wanted_role text, wanted_schema text, tenant text, is_local boolean)
RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF wanted_role NOT IN ('openclaw_public', 'openclaw_tenant', 'openclaw_platform') THEN
        RAISE EXCEPTION 'app_enter: unknown role';
    END IF;
    IF wanted_schema <> 'public'
       AND wanted_schema <> 't_' || tenant THEN
        RAISE EXCEPTION 'app_enter: the schema is not this tenant''s';
    END IF;
    IF wanted_role = 'openclaw_tenant' AND tenant = '' THEN
        RAISE EXCEPTION 'app_enter: a tenant context needs a tenant';
    END IF;
    PERFORM pg_catalog.set_config('app.tenant_id', tenant, is_local);
    PERFORM pg_catalog.set_config(
        'search_path',
        CASE WHEN wanted_schema = 'public' THEN 'public' ELSE wanted_schema || ', public' END,
        is_local
    );
    PERFORM pg_catalog.set_config('role', wanted_role, is_local);
END $body$
"""

_REVOKED_FUNCTIONS = (
    "pg_notify",
    "lo_create",
    "lo_creat",
    "lo_unlink",
    "lo_open",
    "lo_from_bytea",
    "lo_put",
    "lo_get",
    "lo_import",
    "lo_export",
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_advisory_xact_lock",
    "pg_advisory_xact_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "pg_try_advisory_xact_lock",
    "pg_try_advisory_xact_lock_shared",
)
_REVOKED_VIEWS = (
    "pg_stat_activity",
    "pg_stat_replication",
    "pg_stat_ssl",
    "pg_stat_gssapi",
    "pg_stat_user_tables",
    "pg_stat_all_tables",
    "pg_statio_all_tables",
    "pg_statio_user_tables",
    "pg_stat_database",
    "pg_locks",
    "pg_prepared_xacts",
    "pg_cursors",
    "pg_settings",
    "pg_hba_file_rules",
)


def platform_roles_ensure(*, admin_url: str, app_password: str | None, owner_password: str | None) -> list[str]:
    """Make the platform's roles, `app_enter()`, and take from PUBLIC what agents must not have. Safe to repeat.

    `admin_url` is a superuser's (on RDS, the master user's) connection URL to the application's database. A password
    of None leaves the login to IAM. Returns what could not be taken from PUBLIC, as statements: a master user who is no
    superuser may not touch what is the server's own. Raises psycopg.Error when the database refuses anything else.
    """
    with psycopg.connect(admin_url, autocommit=False) as connection:
        existing = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        is_superuser = _is_superuser(connection)
        for statement in _role_statements(existing, app_password, owner_password, is_superuser=is_superuser):
            connection.execute(statement)
        if not is_superuser:
            # Who makes a role may give it away, but is not in it.
            owner = sql.Identifier(OWNER_ROLE)
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(owner))
        for statement in _database_statements(connection.info.dbname):
            connection.execute(statement)
        refused = [text for statement in _server_statements(connection) if (text := _refused(connection, statement))]
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER_ROLE)))
        connection.execute(APP_ENTER)
        connection.execute("REVOKE ALL ON FUNCTION public.app_enter FROM PUBLIC")
        connection.execute(
            sql.SQL("GRANT EXECUTE ON FUNCTION public.app_enter TO {}").format(
                _names(APP_LOGIN, PUBLIC_ROLE, TENANT_ROLE, PLATFORM_ROLE)
            )
        )
    return refused


def _role_statements(
    existing: set[str], app_password: str | None, owner_password: str | None, *, is_superuser: bool
) -> list[sql.SQL | sql.Composed]:
    wanted = {
        OWNER_ROLE: "LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS NOCREATEDB",
        APP_LOGIN: "LOGIN NOINHERIT NOCREATEROLE NOSUPERUSER NOBYPASSRLS NOCREATEDB",
        PUBLIC_ROLE: "NOLOGIN",
        TENANT_ROLE: "NOLOGIN",
        PLATFORM_ROLE: "NOLOGIN",
        AGENT_ROLE: "NOLOGIN",
    }
    statements: list[sql.SQL | sql.Composed] = []
    for role, options in wanted.items():
        verb = "ALTER" if role in existing else "CREATE"
        if role in existing and not is_superuser:
            # Only a superuser may say these of a role that exists; nobody else could have changed them.
            options = options.replace(" NOSUPERUSER NOBYPASSRLS", "")
        statements.append(sql.SQL(verb + " ROLE {} " + options).format(sql.Identifier(role)))
    for role, password in ((APP_LOGIN, app_password), (OWNER_ROLE, owner_password)):
        if password is not None:
            statements.append(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
        elif "rds_iam" in existing:
            statements.append(sql.SQL("GRANT rds_iam TO {}").format(sql.Identifier(role)))
    contexts = _names(PUBLIC_ROLE, TENANT_ROLE, PLATFORM_ROLE)
    statements.append(
        sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(contexts, sql.Identifier(APP_LOGIN))
    )
    statements.append(
        sql.SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(
            sql.Identifier(AGENT_ROLE), sql.Identifier(OWNER_ROLE)
        )
    )
    if "rds_iam" in existing:
        statements.append(
            sql.SQL("GRANT rds_iam TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(sql.Identifier(OWNER_ROLE))
        )
    return statements


# insufficient_privilege, privilege_not_revoked, privilege_not_granted (PostgreSQL manual, "PostgreSQL Error Codes").
_KEPT = {"42501", "01006", "01007"}


def _is_superuser(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _refused(connection: psycopg.Connection, statement: sql.SQL | sql.Composed) -> str | None:
    """Execute it; its text when the server keeps it to itself, which it says with an error or only with a warning."""
    codes: list[str | None] = []

    def note(diagnostic: psycopg.errors.Diagnostic) -> None:
        codes.append(diagnostic.sqlstate)

    connection.add_notice_handler(note)
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        codes.append(error.sqlstate)
    finally:
        connection.remove_notice_handler(note)
    return statement.as_string(connection) if _KEPT & set(codes) else None


def _database_statements(database: str) -> list[sql.SQL | sql.Composed]:
    """What is the platform's own: its database and its public schema."""
    name = sql.Identifier(database)
    return [
        sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, sql.Identifier(OWNER_ROLE)),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, _names(APP_LOGIN, AGENT_ROLE)),
        sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER_ROLE)),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(_names(APP_LOGIN)),
    ]


def _server_statements(connection: psycopg.Connection) -> list[sql.SQL | sql.Composed]:
    """What is the server's: its languages, functions, views and other databases."""
    statements: list[sql.SQL | sql.Composed] = [
        sql.SQL("GRANT USAGE ON LANGUAGE plpgsql TO {}").format(sql.Identifier(OWNER_ROLE)),
        sql.SQL("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC"),
    ]
    for other in ("postgres", "template1"):
        if other != connection.info.dbname:
            statements.append(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(other)))
    rows = connection.execute(
        "SELECT oid::regprocedure::text FROM pg_proc "
        "WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY(%s)",
        (list(_REVOKED_FUNCTIONS),),
    ).fetchall()
    statements += [sql.SQL(f"REVOKE ALL ON FUNCTION pg_catalog.{row[0]} FROM PUBLIC") for row in rows]
    statements += [
        sql.SQL("REVOKE ALL ON pg_catalog.{} FROM PUBLIC").format(sql.Identifier(view)) for view in _REVOKED_VIEWS
    ]
    return statements


def agent_role_ensure(*, customer_id: uuid.UUID, using: str = "owner") -> bool:
    """Make (or mend) the login of one customer's agents; True when it was new. Safe to repeat. Needs the owner.

    It may use its own schema and read and write its own tables, with a connection limit, and nothing else. Its
    policies compare rows with its own name. It logs in by IAM (`rds_iam`), so it has no password.
    """
    role = schema_of(customer_id)
    name = sql.Identifier(role)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
        is_new = cursor.fetchone() is None
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam'")
        by_iam = cursor.fetchone() is not None
        statements: list[sql.SQL | sql.Composed] = [
            sql.SQL(("CREATE" if is_new else "ALTER") + " ROLE {} LOGIN CONNECTION LIMIT {}").format(
                name, sql.Literal(AGENT_CONNECTION_LIMIT)
            ),
            sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(sql.Identifier(AGENT_ROLE), name),
            sql.SQL("ALTER ROLE {} SET search_path = {}").format(name, name),
            sql.SQL("ALTER ROLE {} SET statement_timeout = '30s'").format(name),
            sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '60s'").format(name),
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(name, name),
        ]
        for table in protected_tables(role):
            statements.append(
                sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(READ_WRITE), sql.Identifier(role, table), name)
            )
        if by_iam:
            statements.append(sql.SQL("GRANT rds_iam TO {}").format(name))
        for statement in statements:
            cursor.execute(statement)
    return is_new


def agent_role_exists(*, customer_id: uuid.UUID, using: str = "owner") -> bool:
    """Whether the login of this customer's agents exists."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (schema_of(customer_id),))
        return cursor.fetchone() is not None


def agent_role_drop(*, customer_id: uuid.UUID, using: str = "owner") -> bool:
    """End its sessions, take its grants, drop the login; True when there was one. Safe to repeat."""
    role = schema_of(customer_id)
    name = sql.Identifier(role)
    if not agent_role_exists(customer_id=customer_id, using=using):
        return False
    with connections[using].cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(name))
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (role,))
        if cursor.fetchone() is not None:
            cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(name, name))
            cursor.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(name, name))
        cursor.execute(sql.SQL("DROP ROLE {}").format(name))
    return True


def _names(*roles: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, roles))
