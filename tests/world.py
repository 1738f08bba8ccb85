"""Pytest plugin: starts the embedded world before Django reads its settings, which come from it.

Loaded with `-p tests.world`. One world a process that runs tests (with pytest-xdist's `-n`: one a worker), on free
ports, in a folder of its own; stopped at the end. The fixtures that use it stand in tests/conftest.py.
"""

import functools
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import botocore.loaders
import botocore.session
import pytest

from openclaw_site.devstack.ports import RANGE, Ports
from openclaw_site.devstack.world import World
from tests.engines import quick_engine_command

_STATE_DIR = Path(tempfile.mkdtemp(prefix="openclaw-tests-"))
# Each worker of pytest-xdist has a part of the range to itself.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = RANGE[_WORKER % 8 :: 8]
WORLD = World(_STATE_DIR, Ports.free(web=None, within=_PORTS), engine_command=quick_engine_command())

# Tests make many AWS sessions. Each would read the services' descriptions anew, which is most of what that takes.
botocore.session.create_loader = functools.cache(botocore.loaders.create_loader)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Around pytest-django's own, which reads the settings. A process that only hands out tests needs no world."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if is_worker or not early_config.known_args_namespace.numprocesses:
        world_start()
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the world when pytest ends, however it ends."""
    world_stop()


def world_start() -> None:
    """The world runs, and this process's environment leads to it."""
    WORLD.start()
    os.environ.update(WORLD.environment())
    os.environ.pop("AWS_CA_BUNDLE", None)  # The emulated AWS speaks plain HTTP.


def world_stop() -> None:
    """Nothing of the world is left. Safe to repeat, and without a start."""
    WORLD.stop()
    shutil.rmtree(_STATE_DIR, ignore_errors=True)
