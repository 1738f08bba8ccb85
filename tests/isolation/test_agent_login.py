"""What a hostile agent can do with its own database login: read and write its own rows, nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from openclaw_site.devstack.world import World
from tenants.isolation.policies import protected_tables
from tenants.isolation.roles import AGENT_CONNECTION_LIMIT, agent_role_drop, agent_role_ensure
from tenants.isolation.schemas import schema_create
from tenants.models import Customer
from tests.factories import make_customer
from tests.isolation.conftest import Customers

pytestmark = pytest.mark.usefixtures("customers")


def connect(world: World, customer: Customer) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1", port=world.ports.postgres, user=customer.database_role, dbname="openclaw", autocommit=True
    )


@pytest.fixture
def pair(world: World, customers: Customers) -> Iterator[tuple[psycopg.Connection, Customer, Customer]]:
    ours, theirs = customers
    with connect(world, ours) as connection:
        yield connection, ours, theirs


def test_it_reads_and_writes_its_own_rows(pair: tuple[psycopg.Connection, Customer, Customer]) -> None:
    connection, ours, _ = pair
    insert = "INSERT INTO activities (tenant_id, agent_role, kind, summary) VALUES (%s, 'scout', 'test', '')"
    connection.execute(insert, (ours.id,))
    assert connection.execute("SELECT tenant_id FROM leads").fetchall() == [(ours.id,)]
    assert connection.execute("SELECT count(*) FROM activities").fetchone() == (1,)


def test_it_cannot_write_rows_of_another_tenant(pair: tuple[psycopg.Connection, Customer, Customer]) -> None:
    connection, _, theirs = pair
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("INSERT INTO leads (tenant_id, email) VALUES (%s, 'x@y.example')", (theirs.id,))


def test_setting_the_tenant_parameter_changes_nothing(pair: tuple[psycopg.Connection, Customer, Customer]) -> None:
    connection, ours, theirs = pair
    connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(theirs.id),))
    assert connection.execute("SELECT tenant_id FROM leads").fetchall() == [(ours.id,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.tenants_customer",
        "SELECT * FROM public.tenants_tokenoutbox",
        "SET ROLE openclaw_tenant",
        "SET ROLE openclaw_owner",
        "SET SESSION AUTHORIZATION openclaw_app",
        "SELECT public.app_enter('openclaw_platform', 'public', '', false)",
        "CREATE TEMP TABLE scratch (x int)",
        "CREATE TABLE loot (x int)",
        "CREATE SCHEMA loot",
        "CREATE ROLE loot",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
        "DO 'BEGIN END'",
        "ALTER TABLE leads DISABLE ROW LEVEL SECURITY",
        "TRUNCATE leads",
        "SELECT lo_create(0)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_notify('a', 'b')",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM pg_authid",
        "COPY leads TO PROGRAM 'true'",
        "COPY leads FROM '/etc/hostname'",
        "SELECT pg_read_file('/etc/hostname')",
        "ALTER ROLE openclaw_app PASSWORD 'x'",
    ],
)
def test_it_is_refused(pair: tuple[psycopg.Connection, Customer, Customer], statement: str) -> None:
    connection, _, _ = pair
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("table", [*protected_tables("t_x"), "django_migrations"])
def test_another_customers_tables_are_refused(pair: tuple[psycopg.Connection, Customer, Customer], table: str) -> None:
    connection, _, theirs = pair
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(theirs.schema_name, table)))


@pytest.mark.parametrize("other", ["postgres", "template1"])
def test_other_databases_are_refused(world: World, customers: Customers, other: str) -> None:
    customer = customers[0]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(host="127.0.0.1", port=world.ports.postgres, user=customer.database_role, dbname=other)


def test_its_connections_are_limited(world: World, customers: Customers) -> None:
    customer = customers[0]
    held = [connect(world, customer) for _ in range(AGENT_CONNECTION_LIMIT)]
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            connect(world, customer)
    finally:
        for connection in held:
            connection.close()


def test_dropping_the_login_twice_is_harmless_and_it_can_be_made_again(world: World) -> None:
    customer = make_customer()
    schema_create(customer_id=customer.id)
    agent_role_ensure(customer_id=customer.id)
    assert agent_role_drop(customer_id=customer.id) is True
    assert agent_role_drop(customer_id=customer.id) is False
    with pytest.raises(psycopg.OperationalError):
        connect(world, customer)
    assert agent_role_ensure(customer_id=customer.id) is True
    connect(world, customer).close()
