"""Agents on the real parts: PostgreSQL, the embedded AWS and its Fargate, which runs what the task definition says."""

from collections.abc import Iterator
from typing import Any

import pytest

from agents.services import launch
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform
from tests.agents.cluster import Cluster


@pytest.fixture(autouse=True)
def platform(database: None) -> Iterator[None]:
    launch._own_identity.cache_clear()
    with enter_platform():
        yield


@pytest.fixture
def cluster(aws: World, settings: Any) -> Iterator[Cluster]:
    """Task definitions of the test's own: what the agents do is the test's choice."""
    cluster = Cluster(aws)
    settings.ECS_TASK_DEFINITION_PREFIX = cluster.prefix
    cluster.define("exit 0")
    yield cluster
    cluster.close()
