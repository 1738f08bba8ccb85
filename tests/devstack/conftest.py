"""Fixtures of the embedded world's own tests."""

from collections.abc import Iterator

import pytest

from openclaw_site.devstack.world import World
from tests.devstack.tasks import Tasks


@pytest.fixture
def tasks(world: World) -> Iterator[Tasks]:
    """The ECS API, with an empty events queue; what the test started or made is gone afterwards."""
    tasks = Tasks(world)
    tasks.events()
    yield tasks
    tasks.clean_up()
