"""A database, Redis and AWS to be looked at."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform


@pytest.fixture
def platform(database: None) -> Iterator[None]:
    with enter_platform():
        yield


@pytest.fixture
def namespace(settings: object, aws: World) -> str:
    """Where this test's figures go: the emulated CloudWatch keeps them as long as it runs."""
    settings.METRICS_NAMESPACE = f"OpenClaw/{uuid4().hex}"  # type: ignore[attr-defined]
    return settings.METRICS_NAMESPACE
