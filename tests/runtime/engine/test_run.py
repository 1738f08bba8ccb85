"""A child that misbehaves is ended in time, and nothing of it is left."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agents.runtime.engine import Limits, Profile
from agents.runtime.engine.family import Family
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from openclaw_site.devstack import node
from tests.runtime.engine.conftest import FAKE, FIRST_UID, running, settings_for, turn
from tests.runtime.engine.outside import TOKEN_OF_MODEL, TOKEN_OF_TOOLS

ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root runs the engine as another user")
QUICK = Limits(timeout_seconds=1)


@pytest.fixture
def secrets(monkeypatch):
    """What the supervisor's environment holds in a task."""
    for name in (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_SECRET_ACCESS_KEY",
        "DATABASE_HOST",
        "EGRESS_PROXY",
        "EGRESS_TOKEN",
        "GMAIL_SECRET_NAME",
        "PGPASSWORD",
        "HTTPS_PROXY",
        "ANTHROPIC_API_KEY",
        "NODE_EXTRA_CA_CERTS",
        "LD_PRELOAD_X",
        "TENANT_ID",
        "CUSTOMER_EMAIL",
    ):
        monkeypatch.setenv(name, "sEcReT")


def report(fake_turn, look_at=(), **changes):
    return json.loads(fake_turn("report", prompt=json.dumps(list(look_at)), **changes).final)


def failing(fake_turn, kind, **changes):
    with pytest.raises(Failure) as raised:
        fake_turn(kind, **changes)
    return raised.value


def test_the_environment_is_ours_name_by_name(fake_turn, secrets):
    seen = report(fake_turn)
    folder = str(Path(seen["folder"]).parent)
    assert sorted(seen["environment"]) == [
        "BRIDGE_TOKEN",
        "HOME",
        "MCP_TOKEN",
        "NODE_DISABLE_COMPILE_CACHE",
        "NODE_OPTIONS",
        "OPENCLAW_CONFIG_PATH",
        "OPENCLAW_DISABLE_BONJOUR",
        "OPENCLAW_EXEC_SHELL_SNAPSHOT",
        "OPENCLAW_NO_AUTO_UPDATE",
        "OPENCLAW_NO_RESPAWN",
        "OPENCLAW_OFFLINE",
        "OPENCLAW_SKIP_CHANNELS",
        "OPENCLAW_STATE_DIR",
        "PATH",
        "TMPDIR",
    ]
    assert seen["environment"]["HOME"] == f"{folder}/state"
    assert seen["environment"]["TMPDIR"] == f"{folder}/tmp"
    assert "--max-old-space-size=384" in seen["environment"]["NODE_OPTIONS"]
    assert "sEcReT" not in json.dumps(seen)


def test_tokens_and_prompt_are_no_arguments(fake_turn):
    seen = report(fake_turn)
    line = " ".join(seen["arguments"])
    assert line.startswith("agent exec --json --config ")
    assert TOKEN_OF_MODEL not in line
    assert TOKEN_OF_TOOLS not in line
    assert "[]" not in line
    assert seen["stdin"] == ""


def test_the_workspace_is_private_and_holds_the_role(fake_turn):
    config, tokens = "../openclaw.json", (TOKEN_OF_MODEL, TOKEN_OF_TOOLS)
    seen = report(fake_turn, [config], role="writer", profile=Profile(facts="Boats."))
    assert seen["mode"] == "700"
    assert [name for name in seen["files"] if name.endswith((".md", ".json"))] == [
        ".openclaw/settings.json",
        "AGENTS.md",
        "IDENTITY.md",
        "SOUL.md",
        "skills/draft-answers/SKILL.md",
    ]
    assert json.loads(seen["seen"][config])["agents"]["entries"].keys() == {"writer"}
    assert not any(token in seen["seen"][config] for token in tokens)


@only_root
def test_it_is_another_user_without_rights_and_can_not_read_ours(fake_turn, secrets, tmp_path):
    supervisor = f"/proc/{os.getpid()}"
    private = tmp_path / "private"
    private.write_text("sEcReT")
    private.chmod(0o600)
    seen = report(fake_turn, [f"{supervisor}/environ", f"{supervisor}/maps", f"{supervisor}/fd/0", str(private)])
    assert seen["uid"] >= FIRST_UID
    assert set(seen["groups"]) == {seen["uid"]}
    assert seen["status"]["NoNewPrivs"] == "1"
    assert {seen["status"][name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert set(seen["seen"].values()) == {"EACCES"}


def test_our_own_user_runs_it_where_that_was_allowed(ground, secrets):
    command = shlex.join([str(node.node()), str(FAKE), "report"])
    settings = settings_for(command, ENGINE_SAME_UID="allowed")
    seen = json.loads(turn(settings, prompt="[]").final)
    assert seen["uid"] == os.geteuid()
    assert seen["status"]["NoNewPrivs"] == "1"
    assert "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" not in seen["environment"]


def test_core_dumps_are_off_and_files_are_bounded(fake_turn):
    limits = report(fake_turn, limits=Limits(files=200, file_mib=5))["limits"]
    found = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    assert found["Max core file size"] == ["0", "0"]
    assert found["Max open files"] == ["200", "200"]
    assert found["Max file size"] == [str(5 * 2**20)] * 2
    if ROOT:
        assert found["Max processes"] == ["256", "256"]


@only_root
def test_two_engines_at_a_time_can_not_read_each_other(fake_turn, ground):
    outcome = []
    stop = threading.Event()

    def first():
        with pytest.raises(Stopped) as raised:
            fake_turn("stubborn", pause=stop.wait)
        outcome.append(raised.value)

    thread = threading.Thread(target=first)
    thread.start()
    try:
        pid = until(lambda: engine_in(ground))
        folder = next(ground.iterdir())
        seen = report(fake_turn, [f"{folder}/openclaw.json", f"/proc/{pid}/environ"])
    finally:
        stop.set()
        thread.join()
    assert set(seen["seen"].values()) == {"EACCES"}
    assert Path(seen["folder"]).parent != folder
    assert len(outcome) == 1


def until(found, seconds=15.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come")


def engine_in(ground):
    """The pid of an engine that runs there, once it is more than the launcher."""
    return next((pid for pid in running(ground) if FAKE.name in Path(f"/proc/{pid}/cmdline").read_text()), None)


@pytest.mark.parametrize("kind", ["garbage", "silent", "list"])
def test_what_is_no_envelope_is_a_failure(fake_turn, kind):
    failure = failing(fake_turn, kind)
    assert failure.exit is Exit.ENGINE_FAILED
    assert "Segmentation" not in failure.detail


def test_endless_output_is_cut_off(fake_turn):
    failure = failing(fake_turn, "huge", limits=Limits(timeout_seconds=20, output_bytes=100_000))
    assert failure.exit is Exit.ENGINE_FAILED
    assert "100000 bytes" in failure.detail


def test_much_on_standard_error_holds_nothing_up_and_is_shown_nowhere(fake_turn, capfd):
    assert fake_turn("chatty").ok
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["stubborn", "escaping"])
def test_time_limit_ends_it_with_all_its_children(fake_turn, kind):
    if kind == "escaping" and not ROOT:
        pytest.skip("who leaves the session is found by the user alone")
    started = time.monotonic()
    failure = failing(fake_turn, kind, limits=QUICK)
    assert failure.exit is Exit.ENGINE_TIMEOUT
    assert failure.retryable
    assert time.monotonic() - started < 3


def test_its_own_time_limit_is_a_timeout_too(fake_turn):
    assert failing(fake_turn, "timeout").exit is Exit.ENGINE_TIMEOUT


@pytest.mark.parametrize("kind", ["hungry", "hungry_family"])
def test_memory_of_all_its_processes_is_bounded(fake_turn, kind):
    failure = failing(fake_turn, kind, limits=Limits(timeout_seconds=20, memory_mib=300))
    assert failure.exit is Exit.ENGINE_OUT_OF_MEMORY
    assert "300 allowed" in failure.detail


def test_full_heap_is_out_of_memory_too(fake_turn):
    failure = failing(fake_turn, "full_heap", limits=Limits(timeout_seconds=20, heap_mib=40))
    assert failure.exit is Exit.ENGINE_OUT_OF_MEMORY
    assert "40 MiB" in failure.detail


def test_killed_engine_is_a_failure_that_names_the_signal(fake_turn):
    failure = failing(fake_turn, "killed")
    assert failure.exit is Exit.ENGINE_FAILED
    assert failure.detail == "the engine was ended by signal 9"


def test_word_to_stop_ends_it_at_once(fake_turn):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        fake_turn("stubborn", pause=stop.wait)
    assert time.monotonic() - started < 2.5  # half a second of which is the timer's


def test_supervisor_that_is_killed_takes_the_engine_along(ground):
    code = (
        "from tests.runtime.engine.conftest import *;"
        f"turn(settings_for(shlex.join([str(node.node()), {str(FAKE)!r}, 'stubborn'])))"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", code], cwd=FAKE.parents[3], env=os.environ | {"TMPDIR": str(ground)}
    )
    try:
        until(lambda: engine_in(ground))
    finally:
        supervisor.kill()
        supervisor.wait()
    until(lambda: not running(ground))
    for folder in ground.iterdir():  # the next engine would do it
        shutil.rmtree(folder)


def test_leftovers_of_a_killed_supervisor_do_not_disturb_the_next(fake_turn):
    folder = Path(report(fake_turn)["folder"]).parent
    folder.mkdir(mode=0o700)
    (folder / "workspace").mkdir()
    (folder / "workspace" / "AGENTS.md").write_text("of another customer")
    if ROOT:
        for path in (folder, folder / "workspace", folder / "workspace" / "AGENTS.md"):
            os.chown(path, FIRST_UID, FIRST_UID)
    seen = report(fake_turn, ["AGENTS.md"])
    assert Path(seen["folder"]).parent == folder
    assert "of another customer" not in seen["seen"]["AGENTS.md"]


@only_root
def test_folder_of_somebody_else_is_never_used(fake_turn):
    folder = Path(report(fake_turn)["folder"]).parent
    folder.mkdir(mode=0o777)
    try:
        failure = failing(fake_turn, "report")
        assert failure.exit is Exit.ENGINE_FAILED
        assert "folder" in failure.detail
    finally:
        folder.rmdir()


def test_memory_and_end_of_a_family_that_is_gone():
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    family = Family(leader=child.pid, uid=None)
    assert family.members() == [child.pid]
    assert family.rss_mib() > 0
    family.kill()
    assert child.wait() == -signal.SIGKILL
    assert (family.members(), family.rss_mib()) == ([], 0.0)
