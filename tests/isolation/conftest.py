"""Two provisioned customers: schemas and logins made once for this folder, rows new in each test."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tenants.models import Customer
from tests.conftest import delete_rows, drop_schemas, forget_contexts

Customers = tuple[Customer, Customer]

_WALLS = """
SELECT c.oid::regclass::text, c.relrowsecurity AND c.relforcerowsecurity,
       array(SELECT unnest(c.relacl)::text ORDER BY 1),
       array(SELECT conname::text FROM pg_constraint WHERE conrelid = c.oid ORDER BY 1),
       array(SELECT concat_ws(' ', polname, polcmd, polroles::text, pg_get_expr(polqual, polrelid),
                              pg_get_expr(polwithcheck, polrelid)) FROM pg_policy WHERE polrelid = c.oid ORDER BY 1)
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text ~ '^(public|t_[0-9a-f]{32})$'
UNION ALL
SELECT rolname::text, rolcanlogin, ARRAY[rolconnlimit::text], rolconfig,
       array(SELECT member_of.roleid::regrole::text FROM pg_auth_members member_of WHERE member = oid ORDER BY 1)
FROM pg_roles
ORDER BY 1
"""


@pytest.fixture(scope="package")
def _provisioned_ids(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[uuid.UUID]]:
    from tenants.isolation.roles import agent_role_ensure
    from tenants.isolation.schemas import schema_create

    ids = [uuid.uuid4(), uuid.uuid4()]
    with django_db_blocker.unblock():
        try:
            for customer_id in ids:
                schema_create(customer_id=customer_id)
                agent_role_ensure(customer_id=customer_id)
            yield ids
        finally:
            forget_contexts()
            drop_schemas(but=set())


@pytest.fixture
def customers(_provisioned_ids: list[uuid.UUID], django_db_blocker: Any) -> Iterator[Customers]:
    """Ours and theirs, one lead each, and no other customer. Truly committed to.

    Rows are deleted afterwards. A test that leaves a grant, a policy, a constraint or a role otherwise than it found it
    fails: the tables are the next test's too.
    """
    from tenants.isolation.context import schema_of

    with django_db_blocker.unblock():
        walls = _walls()
        try:
            ours, theirs = (_make(customer_id) for customer_id in _provisioned_ids)
            yield ours, theirs
        finally:
            forget_contexts()
            drop_schemas(but={schema_of(customer_id) for customer_id in _provisioned_ids})
            _delete_workspaces(_provisioned_ids)
            delete_rows()
        assert _walls() == walls, "the test left the walls otherwise than it found them"


def _make(customer_id: uuid.UUID) -> Customer:
    from agents.workspace.models import Lead
    from tenants.isolation.context import enter_customer
    from tests.factories import make_customer

    customer = make_customer(id=customer_id)
    with enter_customer(customer_id):
        Lead.objects.create(tenant_id=customer_id, email=f"buyer@{customer.slug}.example")
    return customer


def _walls() -> list[tuple[Any, ...]]:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(_WALLS)
        return cursor.fetchall()


def _delete_workspaces(ids: list[uuid.UUID]) -> None:
    from django.db import connections
    from psycopg import sql

    from tenants.isolation.context import schema_of
    from tenants.isolation.policies import protected_tables

    with connections["owner"].cursor() as cursor:
        for schema in map(schema_of, ids):
            for table in protected_tables(schema):
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(schema, table)))
