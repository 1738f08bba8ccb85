"""Doctor's world, and the same with a proxy before AWS that refuses or breaks chosen calls."""

from collections.abc import Iterator

import pytest

from openclaw_site.aws.clients import reset_clients
from openclaw_site.devstack.world import World
from tests.faults.aws_proxy import AwsProxy


@pytest.fixture
def standing(database: None, aws: World) -> World:
    """A world in which nothing is wrong."""
    return aws


@pytest.fixture
def proxy(standing: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsProxy]:
    with AwsProxy(standing.aws.url) as proxy, monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        reset_clients()
        yield proxy
    reset_clients()
