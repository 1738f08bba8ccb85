"""Fixtures of the fault tests: the proxy in front of AWS, the platform's context, the first four steps."""

from collections.abc import Iterator
from typing import Any

import pytest

from agents.services import launch
from openclaw_site.aws import clients
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_platform
from tests.agents.cluster import Cluster
from tests.faults.aws_proxy import AwsProxy
from tests.faults.workers import LEASE_SECONDS
from tests.onboarding.runs import FIRST_FOUR


@pytest.fixture
def proxy(aws: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsProxy]:
    """Every AWS call of this process, and of workers started by the test, goes through it."""
    with AwsProxy(aws.aws.url) as proxy, monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        clients.reset_clients()
        yield proxy
    clients.reset_clients()


@pytest.fixture
def platform(database: None, settings: Any) -> Iterator[None]:
    """The platform's context, on an empty database, with a short lease."""
    settings.PROVISIONING_LEASE_SECONDS = LEASE_SECONDS
    launch._own_identity.cache_clear()
    with enter_platform():
        yield


@pytest.fixture
def brief_agents(aws: World, settings: Any) -> Iterator[None]:
    """Agents end well as soon as they are started."""
    cluster = Cluster(aws)
    cluster.define("exit 0")
    settings.ECS_TASK_DEFINITION_PREFIX = cluster.prefix
    yield
    cluster.close()


@pytest.fixture
def first_four(settings: Any) -> None:
    """Customers get the steps that need neither Gmail nor a running agent."""
    settings.PROVISIONING_STEPS = FIRST_FOUR


@pytest.fixture
def one_try_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's own retries, which another test lets play, only take time here."""
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 1)
