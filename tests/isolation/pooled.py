"""Lets this process's Django reach its database through a pooler, with the settings that the product would read."""

import runpy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from openclaw_site.settings import base
from tests.isolation.pgbouncer import PgBouncer


@contextmanager
def through(pooler: PgBouncer, **environment: str) -> Iterator[None]:
    """Until the end, the database `default` of every thread is reached through `pooler`."""
    former = connections.databases["default"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in pooler.environment(**environment).items():
            patch.setenv(name, value)
        read = runpy.run_path(base.__file__)
        patch.setattr(settings, "DATABASE_POOLING", read["DATABASE_POOLING"])
        _replace(connections.configure_settings(read["DATABASES"])["default"])
        try:
            yield
        finally:
            _replace(former)


def _replace(database: dict[str, Any]) -> None:
    connections["default"].close()
    del connections["default"]
    connections.databases["default"] = database


class Neighbour:
    """Another client: a thread with a connection of its own, which does one thing at a time when it is told to."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> "Neighbour":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._pool.submit(connections.close_all).result()
        self._pool.shutdown()

    def does(self, work: Callable[[], Any]) -> Any:
        """What `work` returns there; raises what it raises."""
        return self._pool.submit(work).result(timeout=30)


def all_at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """What each returns, all having begun together, each in a thread with a connection of its own."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(run, works, timeout=120))
