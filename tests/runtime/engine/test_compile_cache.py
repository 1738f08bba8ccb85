"""The engine's compiled code: made once, read by every engine, changed by none."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from agents.runtime.engine.compile_cache import fill
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from openclaw_site.devstack import node
from tests.runtime.engine.conftest import FAKE, settings_for, turn


def stand_in(kind, **environ):
    return settings_for(shlex.join([str(node.node()), str(FAKE), kind]), **environ)


@pytest.fixture
def filled(ground):
    """A folder, which others may enter, that a stand-in for the engine filled."""
    with tempfile.TemporaryDirectory(prefix="openclaw-cache-") as name:  # pytest's own are closed to others
        folder = Path(name)
        folder.chmod(0o755)
        assert fill(stand_in("silent"), folder / "cache") == 1
        yield folder / "cache"


def contents(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_uid) for path in folder.rglob("*")}


def test_each_engine_reads_the_folder_by_its_own_users_name_and_leaves_it_as_it_is(filled):
    before = contents(filled)
    envelope = turn(stand_in("report", ENGINE_COMPILE_CACHE=str(filled)), prompt="[]")
    [part] = filled.iterdir()
    assert json.loads(envelope.final)["compileCache"] == str(part)
    assert contents(filled) == before
    assert {uid for _, uid in before.values()} == {os.geteuid()}
    assert [path for path in filled.rglob("*") if path.stat().st_mode & 0o022] == []


def test_without_the_folder_an_engine_keeps_no_compiled_code(ground):
    seen = json.loads(turn(stand_in("report"), prompt="[]").final)
    assert seen.get("compileCache") is None


def test_filling_again_leaves_nothing_of_before(filled):
    (filled / "v1.0.0-x64-old").mkdir()
    assert fill(stand_in("silent"), filled) == 1
    assert [path.name for path in filled.iterdir() if "old" in path.name] == []


def test_an_engine_that_compiles_nothing_is_a_failure_and_not_an_empty_folder(ground, tmp_path):
    with pytest.raises(Failure) as raised:
        fill(settings_for("true"), tmp_path / "cache")
    assert raised.value.exit is Exit.ENGINE_FAILED
    assert not (tmp_path / "cache").exists()


def test_the_command_says_what_is_missing(tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-m", "agents.runtime.engine.compile_cache", str(tmp_path / "cache")],
        cwd=FAKE.parents[3],
        env={"ENGINE_COMMAND": "no-such-program", "ENGINE_SAME_UID": "allowed"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert "ENGINE_COMMAND" in outcome.stderr
    assert "Traceback" not in outcome.stderr
