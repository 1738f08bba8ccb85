"""Two customers with real schemas, made once for this folder, and rows of each that could leak to the other."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from openclaw_site.devstack.world import World
from tenants.models import Customer, User
from tests.conftest import delete_rows, drop_schemas, forget_contexts
from tests.isolation.conftest import _delete_workspaces
from tests.portal.visitors import make_member, visitor_of

SLUGS = ("harborline", "fernweh")


@pytest.fixture(scope="package")
def schema_ids(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[uuid.UUID]]:
    """Ids of two customers whose schemas stand."""
    from tenants.isolation.schemas import schema_create

    ids = [uuid.uuid4(), uuid.uuid4()]
    with django_db_blocker.unblock():
        try:
            for customer_id in ids:
                schema_create(customer_id=customer_id)
            yield ids
        finally:
            forget_contexts()
            drop_schemas(but=set())


@pytest.fixture
def customers(schema_ids: list[uuid.UUID], django_db_blocker: Any) -> Iterator[tuple[Customer, Customer]]:
    """Harborline and Fernweh, active, with empty tables and no members; all rows are deleted afterwards."""
    import os

    import redis

    from tenants.isolation.context import schema_of
    from tests.factories import make_customer

    with django_db_blocker.unblock():
        try:
            first, second = (
                make_customer(id=customer_id, slug=slug, name=slug.capitalize(), state="active", email=email)
                for customer_id, slug, email in zip(
                    schema_ids,
                    SLUGS,
                    ("olivia@harborline-roofing.example", "jonas@fernweh-travel.example"),
                    strict=True,
                )
            )
            yield first, second
        finally:
            forget_contexts()
            drop_schemas(but={schema_of(customer_id) for customer_id in schema_ids})
            _delete_workspaces(schema_ids)
            delete_rows()
            with redis.Redis.from_url(os.environ["REDIS_URL"]) as cache:
                cache.flushdb()


@pytest.fixture
def customer(customers: tuple[Customer, Customer]) -> Customer:
    """Harborline."""
    return customers[0]


@pytest.fixture
def other(customers: tuple[Customer, Customer]) -> Customer:
    """Fernweh."""
    return customers[1]


@pytest.fixture
def member(customer: Customer) -> Client:
    """A browser in which a member of Harborline is on Harborline's host."""
    return visitor_of(customer)


@pytest.fixture
def anna(customer: Customer) -> User:
    """An owner of Harborline."""
    return make_member(customer, role="owner", email="anna@harborline.example")


@pytest.fixture
def owner(customer: Customer, anna: User) -> Client:
    """A browser in which Anna is on Harborline's host."""
    return visitor_of(customer, anna)


@pytest.fixture
def agents_environ(customer: Customer, world: World) -> dict[str, str]:
    """What a task of Harborline's Writer gets, with the database role that it logs in as."""
    from tenants.isolation.roles import agent_role_ensure
    from tests.runtime.factories import make_environ

    agent_role_ensure(customer_id=customer.id)
    return make_environ(customer.tenant_hex, AGENT_ROLE="writer", DATABASE_PORT=str(world.ports.postgres))
