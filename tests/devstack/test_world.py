"""The world starts whole or not at all, and leaves nothing behind however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openclaw_site.devstack.errors import DevstackError
from openclaw_site.devstack.keys import Keys
from openclaw_site.devstack.ports import HOST, Ports, is_free
from openclaw_site.devstack.processes import Child
from openclaw_site.devstack.proctable import born_at
from openclaw_site.devstack.world import World

ROOT = Path(__file__).resolve().parents[2]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts worlds in processes of their own; kills what a failed test leaves."""
    started: list[subprocess.Popen[str]] = []

    def run(state_dir: Path, *fixed: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.devstack.worldrun", str(state_dir), *fixed]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stands(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the world printed once it stood."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return dict(json.loads(line))


def none_left(state: dict[str, Any], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lives = [pid for pid in state["pids"] if born_at(pid) is not None]
        if not lives and all(is_free(port) for port in state["ports"].values()):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_leaves_no_process_port_or_environment(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    process = start(tmp_path)
    state = stands(process)
    assert len(state["pids"]) == 3
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600
    process.send_signal(number)
    assert process.wait(timeout=15) == 0
    assert none_left(state)
    assert not (tmp_path / "env").exists()


def test_killed_it_takes_its_processes_along_and_starts_afresh(start: Start, tmp_path: Path) -> None:
    process = start(tmp_path)
    state = stands(process)
    data = Path((tmp_path / "postgres-home").read_text())
    process.kill()
    process.wait()
    assert none_left(state)
    again = start(tmp_path)
    stands(again)
    assert data.exists() == (data == Path((tmp_path / "postgres-home").read_text()))
    again.terminate()
    assert again.wait(timeout=15) == 0


def test_second_world_on_the_same_folder_says_so_and_harms_nothing(start: Start, tmp_path: Path) -> None:
    first = start(tmp_path)
    state = stands(first)
    second = start(tmp_path)
    _, errors = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already runs on {tmp_path} (process {first.pid})" in errors
    assert all(born_at(pid) is not None for pid in state["pids"])
    assert (tmp_path / "env").exists()


@pytest.mark.parametrize("part", ["postgres", "redis", "aws", "google", "stripe", "agents", "model"])
def test_taken_port_is_named_and_nothing_is_left(start: Start, tmp_path: Path, part: str) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = start(tmp_path, f"{part}={port}")
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"Port {port} on {HOST}" in errors
    assert f"another {part} port" in errors
    assert json.loads((tmp_path / "processes.json").read_text()) == {}


def test_keys_of_an_older_world_are_kept_and_the_new_ones_made(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"field_key": "kept", "of_no_use_now": "x"}))
    keys = Keys.load_or_make(path)
    assert keys.field_key == "kept" and keys.stripe_secret_key.startswith("sk_test_")
    assert Keys.load_or_make(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600


def test_missing_program_is_named_with_what_to_do(tmp_path: Path) -> None:
    child = Child("Redis", [str(tmp_path / "nothing")], env={}, cwd=tmp_path, log=tmp_path / "log")
    with pytest.raises(DevstackError, match="is missing or may not be run") as caught:
        child.start()
    assert "make env" in caught.value.next_action


def test_missing_package_is_named_with_what_to_do() -> None:
    from openclaw_site.devstack.binaries import packaged

    with pytest.raises(DevstackError, match="no_such_package is missing") as caught:
        packaged("no_such_package", "bin/x")
    assert "make env" in caught.value.next_action


def test_command_stays_until_sigterm_and_exits_0(tmp_path: Path) -> None:
    web = Ports.free(web=None).web
    command = [sys.executable, "manage.py", "devstack", "--state-dir", str(tmp_path), "--port", str(web)]
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    process = subprocess.Popen(command, cwd=ROOT, env=clean, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    while "Ctrl-C" not in (line := process.stdout.readline()):
        assert line, "it ended while starting"
        lines.append(line)
    assert f"PUBLIC_BASE_URL=http://localhost:{web}\n" in (tmp_path / "env").read_text()
    process.terminate()
    rest, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert rest.strip().endswith("Stopped; no process is left.")
    assert any(line.startswith("PostgreSQL 18 on 127.0.0.1:") for line in lines)


def connect(world: World, user: str, password: str | None = None) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=HOST, port=world.ports.postgres, user=user, password=password, dbname="openclaw", autocommit=True
    )


def test_database_lets_in_by_password_or_by_membership_only(world: World) -> None:
    with connect(world, "postgres", world.keys.postgres_password) as admin:
        admin.execute("DROP ROLE IF EXISTS walker, stranger")
        admin.execute("CREATE ROLE walker LOGIN IN ROLE rds_iam")
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'right'")
        admin.execute("GRANT CONNECT ON DATABASE openclaw TO walker, stranger")
        try:
            with connect(world, "walker", "any token") as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("walker",)
            with pytest.raises(psycopg.OperationalError, match="rejects connection"):
                connect(world, "stranger", "right")
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                connect(world, "postgres", "wrong")
        finally:
            admin.execute("DROP OWNED BY walker, stranger")
            admin.execute("DROP ROLE walker, stranger")


def test_environment_has_all_that_the_back_office_reads(world: World) -> None:
    names = {
        *("SECRET_KEY", "FIELD_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"),
        *("DATABASE_POOLING", "REDIS_URL", "PUBLIC_BASE_URL", "ADMIN_BASE_URL", "CUSTOMER_DOMAIN"),
        *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        *("AWS_ENDPOINT_URL", "ECS_CLUSTER", "ECS_SUBNETS", "ECS_SECURITY_GROUPS"),
        *("ECS_TASK_DEFINITION_PREFIX", "TASK_EVENTS_QUEUE_URL", "AGENT_LOG_GROUP", "AGENT_BUCKET"),
        *("TENANT_ROLE_PATH", "TENANT_POLICY_ARN", "TENANT_BOUNDARY_ARN", "GOOGLE_CLIENT_ID"),
        *("GOOGLE_CLIENT_SECRET", "GOOGLE_AUTHORIZE_URL", "GOOGLE_TOKEN_URL", "GOOGLE_REVOKE_URL"),
        *("GOOGLE_USERINFO_URL", "GOOGLE_ISSUER", "GMAIL_API_ENDPOINT"),
        *("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_URL", "CARD_PAYMENTS"),
    }
    assert set(world.environment()) == names
