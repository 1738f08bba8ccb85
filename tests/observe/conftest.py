"""A database, Redis and AWS to be looked at."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform
from tenants.isolation.schemas import schema_create
from tenants.models import Customer
from tests.factories import make_customer
from tests.observe.collector import Collector


@pytest.fixture
def platform(database: None) -> Iterator[None]:
    with enter_platform():
        yield


@pytest.fixture
def namespace(settings: object, aws: World) -> str:
    """Where this test's figures go: the emulated CloudWatch keeps them as long as it runs."""
    settings.METRICS_NAMESPACE = f"OpenClaw/{uuid4().hex}"  # type: ignore[attr-defined]
    return settings.METRICS_NAMESPACE


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def customer(database: None) -> Customer:
    """Harborline with its schema."""
    made = make_customer(slug="harborline", name="Harborline Roofing", state="active", email="olivia@roofing.example")
    schema_create(customer_id=made.id)
    return made
