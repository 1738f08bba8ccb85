"""Holds a worker inside a database step: a lock on a system catalog that the step must write to."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.faults.workers import wait_for


class CatalogLock:
    """Nobody can write to the catalog `relation` inside the block. The lock is the superuser's."""

    def __init__(self, relation: str) -> None:
        self._relation = relation
        self._holder = psycopg.connect(os.environ["DATABASE_ADMIN_URL"])
        self._watcher = psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True)

    def __enter__(self) -> Self:
        self._holder.execute(
            sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier("pg_catalog", self._relation))
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._holder.close()
        self._watcher.close()

    def wait_until_reached(self) -> None:
        """Returns once somebody waits for the catalog."""
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
        wait_for(
            lambda: (self._watcher.execute(query, (self._relation,)).fetchone() or (0,))[0],
            what=f"a wait for {self._relation}",
        )

    def release(self) -> None:
        self._holder.rollback()
