"""Behind a real PgBouncer in transaction mode, where clients share server processes, nobody reads another's rows."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, connections, transaction
from psycopg import sql

from agents.workspace.models import Lead
from openclaw_site.devstack.world import World
from tenants.isolation.backend import base
from tenants.isolation.context import enter_customer
from tenants.models import Customer
from tests.isolation.conftest import Customers
from tests.isolation.load import Client
from tests.isolation.pgbouncer import PgBouncer
from tests.isolation.pooled import Neighbour, all_at_once, through

CLIENTS = 8


@pytest.fixture
def single(world: World, customers: Customers) -> Iterator[PgBouncer]:
    """One server process for everybody: what one client left there is what the next one meets."""
    with PgBouncer(world, pool_size=1) as pooler, through(pooler):
        yield pooler


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    with Neighbour() as neighbour:
        yield neighbour


def clients(customers: Customers) -> list[Client]:
    ours, theirs = (customer.id for customer in customers)
    pairs = [(ours, theirs), (theirs, ours)]
    return [Client(*pairs[number % 2], seed=number) for number in range(CLIENTS)]


def leads_seen() -> set[uuid.UUID]:
    return set(Lead.objects.values_list("tenant_id", flat=True))


def leads_of(customer: Customer) -> set[uuid.UUID]:
    with enter_customer(customer.id):
        return leads_seen()


@pytest.mark.parametrize("round_robin", [False, True])
def test_clients_that_share_two_server_processes_read_their_own_rows_only(
    world: World, customers: Customers, round_robin: bool
) -> None:
    with PgBouncer(world, round_robin=round_robin) as pooler, through(pooler):
        done = all_at_once([lambda client=client: client.work(40) for client in clients(customers)])
    assert [dict(client.wrong) for client in done] == [{}] * CLIENTS
    served = [set.union(*(client.processes for client in done if client.mine == customer.id)) for customer in customers]
    assert served[0] == served[1] and len(served[0]) == 2
    for customer in customers:
        with connections["owner"].cursor() as cursor:
            table = sql.Identifier(customer.schema_name, "leads")
            cursor.execute(sql.SQL("SELECT tenant_id, count(*) FROM {} GROUP BY 1").format(table))
            written = sum(client.written for client in done if client.mine == customer.id)
            assert cursor.fetchall() == [(customer.id, 1 + written)]


def test_the_same_clients_in_session_mode_read_other_peoples_rows(
    world: World, customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is this load that would notice a leak, and the refusal that stands before it."""
    monkeypatch.setattr(base, "refuse_unsafe_pooling", lambda connection: None)

    def read(client: Client) -> int:
        for _ in range(60):
            with enter_customer(client.mine), suppress(DatabaseError):  # Some are refused instead: a fresh process.
                client.reads_single_statements()
        return client.wrong.total()

    with PgBouncer(world) as pooler, through(pooler, DATABASE_POOLING="session"):
        wrong = all_at_once([lambda client=client: read(client) for client in clients(customers)])
    assert sum(wrong) > 0


def test_single_statements_of_two_customers_take_turns(
    single: PgBouncer, neighbour: Neighbour, customers: Customers
) -> None:
    ours, theirs = customers
    with enter_customer(ours.id):
        for number in range(5):
            assert leads_seen() == {ours.id}
            assert neighbour.does(lambda: leads_of(theirs)) == {theirs.id}
            Lead.objects.bulk_create(Lead(tenant_id=ours.id, email=f"{number}-{n}@x.example") for n in range(3))
            assert neighbour.does(lambda: leads_of(theirs)) == {theirs.id}
        assert Lead.objects.count() == 16
        with pytest.raises(DatabaseError, match="row-level security"):
            Lead.objects.create(tenant_id=theirs.id, email="x@y.example")


def test_nothing_is_left_on_the_server_process(single: PgBouncer, customers: Customers) -> None:
    with enter_customer(customers[0].id):
        assert Lead.objects.count() == 1
        with transaction.atomic():
            assert Lead.objects.count() == 1
    with single.connect() as next_client:
        row = next_client.execute(
            "SELECT current_user, coalesce(current_setting('app.tenant_id', true), ''), "
            "current_setting('search_path'), (SELECT count(*) FROM pg_prepared_statements)"
        ).fetchone()
    assert row == ("openclaw_app", "", '"$user", public', 0)


def test_a_rolled_back_savepoint_brings_the_outer_context_back(single: PgBouncer, customers: Customers) -> None:
    ours, theirs = customers
    with enter_customer(ours.id), transaction.atomic():
        Lead.objects.create(tenant_id=ours.id, email="kept@x.example")
        with pytest.raises(RuntimeError), transaction.atomic(), enter_customer(theirs.id):
            assert leads_seen() == {theirs.id}
            Lead.objects.create(tenant_id=theirs.id, email="undone@x.example")
            raise RuntimeError
        assert leads_seen() == {ours.id}
    assert leads_of(theirs) == {theirs.id}
    with enter_customer(theirs.id):
        assert Lead.objects.count() == 1


def test_a_statement_that_failed_can_be_tried_again(
    single: PgBouncer, neighbour: Neighbour, customers: Customers
) -> None:
    ours, theirs = customers
    with enter_customer(ours.id):
        email = Lead.objects.get().email
        with pytest.raises(IntegrityError):
            Lead.objects.create(tenant_id=ours.id, email=email)
        assert neighbour.does(lambda: leads_of(theirs)) == {theirs.id}
        Lead.objects.create(tenant_id=ours.id, email="other@x.example")
        assert Lead.objects.count() == 2


def test_a_broken_connection_is_made_again_in_the_same_context(
    world: World, single: PgBouncer, neighbour: Neighbour, customers: Customers
) -> None:
    ours, theirs = customers
    with enter_customer(ours.id):
        with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            with psycopg.connect(world.environment()["DATABASE_ADMIN_URL"]) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())
            leads_seen()
        assert neighbour.does(lambda: leads_of(theirs)) == {theirs.id}
        connection.close_if_unusable_or_obsolete()
        assert leads_seen() == {ours.id}


def test_iterating_needs_no_cursor_on_the_server_process(
    world: World, customers: Customers, neighbour: Neighbour
) -> None:
    ours, theirs = customers
    with PgBouncer(world) as pooler, through(pooler), enter_customer(ours.id), ExitStack() as held:
        Lead.objects.bulk_create(Lead(tenant_id=ours.id, email=f"{n}@x.example") for n in range(5))
        leads = Lead.objects.iterator(chunk_size=1)
        seen = [next(leads).tenant_id]
        neighbour.does(lambda: held.enter_context(in_transaction(theirs)))  # It takes the process that answered.
        try:
            seen += [lead.tenant_id for lead in leads]
        finally:
            neighbour.does(held.close)
    assert seen == [ours.id] * 6


@contextmanager
def in_transaction(customer: Customer) -> Iterator[None]:
    with enter_customer(customer.id), transaction.atomic():
        assert leads_seen() == {customer.id}
        yield


def test_statements_are_not_prepared_even_where_the_options_ask_for_it(
    world: World, customers: Customers, neighbour: Neighbour
) -> None:
    ours, theirs = customers
    with PgBouncer(world) as pooler, through(pooler), enter_customer(ours.id):
        connections.databases["default"]["OPTIONS"] = {"prepare_threshold": 1, "server_side_binding": True}
        for _ in range(6):
            assert leads_seen() == {ours.id}
            assert neighbour.does(lambda: leads_of(theirs)) == {theirs.id}
