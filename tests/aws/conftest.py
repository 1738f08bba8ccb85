"""AWS for these tests: the world's over real HTTP, and a server whose answers a test decides.

Tests name what they make uniquely, and leave the platform's own resources alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from openclaw_site.aws.clients import reset_clients
from openclaw_site.devstack.world import World
from tests.aws.faults import FaultyAws


@pytest.fixture(autouse=True)
def aws_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The embedded AWS by environment alone, with nothing of this machine's own AWS configuration."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.environment()["AWS_ENDPOINT_URL"])
    reset_clients()
    yield
    reset_clients()


@pytest.fixture
def faulty_aws(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyAws]:
    """AWS as a server that answers what the test tells it to."""
    with FaultyAws() as faulty:
        monkeypatch.setenv("AWS_ENDPOINT_URL", faulty.url)
        reset_clients()
        yield faulty


@pytest.fixture
def tenant_id() -> str:
    return uuid4().hex
