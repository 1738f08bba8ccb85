"""A real PgBouncer in front of the world's PostgreSQL: transaction mode, and fewer server processes than clients."""

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
import pytest

from openclaw_site.devstack.accounts import place_for, unprivileged_account
from openclaw_site.devstack.ports import HOST, free_port
from openclaw_site.devstack.processes import Child
from openclaw_site.devstack.world import World

_CONFIGURATION = """\
[databases]
openclaw = host={host} port={postgres} dbname=openclaw

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {pool_mode}
default_pool_size = {pool_size}
server_round_robin = {round_robin}
max_client_conn = 100
query_wait_timeout = 20
"""


def program() -> str:
    """Where pgbouncer is. Without it the test is skipped, naming what is missing; in CI it fails."""
    found = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found:
        return found
    missing = "missing pgbouncer (the Debian package `pgbouncer`)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


class PgBouncer:
    """One PgBouncer on a free loopback port, as a user without rights. A context manager; ends with the test."""

    def __init__(
        self, world: World, *, pool_mode: str = "transaction", pool_size: int = 2, round_robin: bool = False
    ) -> None:
        command = program()
        self._environment = world.environment()
        self.port = free_port(taken={world.ports.postgres})
        account = unprivileged_account()
        self._folder = place_for(account, world.state_dir / f"pgbouncer-{self.port}")
        configuration = self._folder / "pgbouncer.ini"
        configuration.write_text(
            _CONFIGURATION.format(
                host=HOST,
                port=self.port,
                postgres=world.ports.postgres,
                folder=self._folder,
                pool_mode=pool_mode,
                pool_size=pool_size,
                round_robin=int(round_robin),
            )
        )
        logins = [urlsplit(self._environment[name]) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")]
        users = self._folder / "users"
        users.write_text("".join(f'"{login.username}" "{login.password}"\n' for login in logins))
        for path in (configuration, users):
            path.chmod(0o600)
            if account:
                os.chown(path, account.uid, account.gid)
        self._child = Child(
            "PgBouncer",
            [command, str(configuration)],
            env={"PATH": os.defpath},
            cwd=self._folder,
            log=Path(world.state_dir / "logs" / "pgbouncer.log"),
            account=account,
        )

    def __enter__(self) -> Self:
        self._child.start()
        self._child.wait_until(self._answers, timeout_seconds=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self, **changes: str) -> dict[str, str]:
        """What a process reads to reach the database through it; `changes` go over that."""
        return {"DATABASE_URL": self.url("DATABASE_URL"), "DATABASE_POOLING": "transaction", **changes}

    def url(self, name: str) -> str:
        """The world's database URL of that name, by way of the pooler."""
        direct = urlsplit(self._environment[name])
        return direct._replace(netloc=f"{direct.username}:{direct.password}@{HOST}:{self.port}").geturl()

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self) -> psycopg.Connection[Any]:
        """A bare connection of the application's login."""
        return psycopg.connect(self.url("DATABASE_URL"), autocommit=True, connect_timeout=2, prepare_threshold=None)
