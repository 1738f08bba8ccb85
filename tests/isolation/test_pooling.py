"""A process whose settings deny the pooler before it doesn't start; whatever its kind, it says what to set."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from openclaw_site.devstack.ports import HOST, free_port
from openclaw_site.devstack.world import World
from tenants.isolation.pooling import shares_its_session
from tests.isolation.conftest import Customers
from tests.isolation.pgbouncer import PgBouncer
from tests.isolation.pooled import through

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = ["manage.py"]
CELERY = ["-m", "celery", "-A", "openclaw_site", "worker", "--pool", "solo", "-Q", "nobody-sends-here"]
NOWHERE = "postgres://openclaw_app:x@127.0.0.1:1/openclaw"

pytestmark = pytest.mark.usefixtures("customers")


def gunicorn(port: int) -> list[str]:
    return ["-m", "gunicorn", "openclaw_site.wsgi", "--bind", f"{HOST}:{port}", "--no-control-socket"]


def start(arguments: list[str], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(arguments: list[str], **environment: str) -> tuple[int, str]:
    """Its exit code and what it wrote; killed, and the test failed, when it does not end."""
    with start(arguments, **environment) as process:
        try:
            return process.wait(timeout=60), process.communicate()[0]
        finally:
            process.kill()


@pytest.fixture(scope="module")
def pooler(world: World) -> Iterator[PgBouncer]:
    with PgBouncer(world) as pooler:
        yield pooler


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (gunicorn(free_port(taken=set())), 3),
        (["-c", "import openclaw_site.asgi"], 1),
        (CELERY, 1),
        ([*MANAGE, "customers"], 1),
    ],
    ids=["wsgi", "asgi", "worker", "command"],
)
def test_it_does_not_start_in_session_mode(pooler: PgBouncer, arguments: list[str], code: int) -> None:
    environment = pooler.environment(DATABASE_POOLING="session", DATABASE_OWNER_URL="")
    found, output = ended(arguments, **environment)
    assert found == code
    assert "as behind PgBouncer in transaction mode. Set DATABASE_POOLING=transaction." in output


def test_the_owners_login_is_refused_in_either_mode(pooler: PgBouncer) -> None:
    environment = pooler.environment(DATABASE_OWNER_URL=pooler.url("DATABASE_OWNER_URL"))
    code, output = ended([*MANAGE, "migrate"], **environment)
    assert code == 1
    assert "put PostgreSQL's own address in DATABASE_OWNER_URL" in output


def test_the_web_process_serves_in_transaction_mode(pooler: PgBouncer, customers: Customers) -> None:
    port = free_port(taken=set())
    with start(gunicorn(port), **pooler.environment()) as process:
        try:
            # A customer's host is known, and asks for a sign-in.
            assert [status(process, port, host) for host in (customers[0].host, "nobody.localhost")] == [302, 404]
        finally:
            process.terminate()


def status(process: subprocess.Popen[str], port: int, host: str) -> int:
    """What `host`, which is looked up in the database, answers, once the process listens."""
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        client = HTTPConnection(HOST, port, timeout=10)
        try:
            client.request("GET", "/", headers={"Host": host})
            return client.getresponse().status
        except ConnectionError:
            time.sleep(0.1)
        finally:
            client.close()
    raise AssertionError("the web process did not answer")


def test_a_database_that_is_away_keeps_nobody_from_starting() -> None:
    code, output = ended(["-c", "import openclaw_site.wsgi"], DATABASE_URL=NOWHERE, DATABASE_OWNER_URL="")
    assert (code, "`default` can't be reached yet" in output) == (0, True)
    code, output = ended([*MANAGE, "check"], DATABASE_URL=NOWHERE, DATABASE_OWNER_URL="")
    assert (code, "no issues" in output) == (0, True)


@pytest.mark.parametrize("pool_size", [1, 2])
@pytest.mark.parametrize("round_robin", [False, True])
def test_shared_sessions_are_recognised(world: World, pool_size: int, round_robin: bool) -> None:
    with PgBouncer(world, pool_size=pool_size, round_robin=round_robin) as pooler, through(pooler):
        assert shares_its_session(connections["default"]) is True


def test_sessions_of_ones_own_are_recognised(world: World) -> None:
    assert shares_its_session(connections["default"]) is False
    with PgBouncer(world, pool_mode="session") as pooler, through(pooler, DATABASE_POOLING="session"):
        assert shares_its_session(connections["default"]) is False
        connections["default"].ensure_connection()


def test_a_misspelt_mode_is_refused(pooler: PgBouncer) -> None:
    with through(pooler, DATABASE_POOLING="Transaction"), pytest.raises(ImproperlyConfigured, match="DATABASE_POOLING"):
        connections["default"].ensure_connection()
