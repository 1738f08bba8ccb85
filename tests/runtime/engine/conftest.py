"""Engines: the real one from the lock file, and a stand-in that misbehaves on command."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.runtime.engine import EngineSettings, Envelope, Limits, Profile, read_engine_settings, run_engine
from openclaw_site.devstack import node
from tests.runtime.engine.outside import TOKEN_OF_MODEL, TOKEN_OF_TOOLS

FAKE = Path(__file__).with_name("fake_engine.mjs")
# Users of this test process alone: others run engines at the same time.
FIRST_UID = 200_000 + os.getpid() % 10_000 * 64


def settings_for(command: str, **environ: str) -> EngineSettings:
    """The settings of an agent that runs `command`; as another user when we are root, as in a task."""
    same_uid = {} if os.geteuid() == 0 else {"ENGINE_SAME_UID": "allowed"}
    return read_engine_settings(
        {
            "ENGINE_COMMAND": command,
            "ENGINE_UID": str(FIRST_UID),
            "TMPDIR": os.environ.get("TMPDIR", ""),
            **same_uid,
            **environ,
        }
    )


def turn(settings: EngineSettings, **changes: object) -> Envelope:
    """One turn of an engine, by default one that talks to nobody."""
    given = {
        "role": "butler",
        "model": "anthropic.claude-test-v1:0",
        "bridge_url": "http://127.0.0.1:9",
        "bridge_token": TOKEN_OF_MODEL,
        "mcp_url": "http://127.0.0.1:9/mcp",
        "mcp_token": TOKEN_OF_TOOLS,
        "profile": Profile(),
        "prompt": "Do your work.",
        "limits": Limits(timeout_seconds=20),
        "pause": threading.Event().wait,
        **changes,
    }
    return run_engine(settings=settings, **given)  # type: ignore[arg-type]


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder like /tmp, in which this test's engines have theirs; at its end nothing is in it or runs in it."""
    folder = Path(tempfile.mkdtemp(prefix="openclaw-test-"))
    folder.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    left = sorted(path.name for path in folder.iterdir()), running(folder)
    shutil.rmtree(folder)
    assert left == ([], [])


def running(ground: Path) -> list[int]:
    """The processes that work in this folder or below."""
    return sorted(int(entry.name) for entry in Path("/proc").glob("[0-9]*") if str(ground) in _place(entry))


def _place(entry: Path) -> str:
    try:
        return str((entry / "cwd").readlink())
    except OSError:
        return ""


@pytest.fixture
def fake_turn(ground: Path) -> Callable[..., Envelope]:
    """A function that runs one turn of the stand-in, of the given kind."""

    def run(kind: str, **changes: object) -> Envelope:
        return turn(settings_for(shlex.join([str(node.node()), str(FAKE), kind])), **changes)

    return run


@pytest.fixture
def real_engine(ground: Path) -> EngineSettings:
    """The engine of the lock file, with its compiled code at hand, as the agents have it.

    ENGINE_COMMAND and ENGINE_COMPILE_CACHE name another one, to try an image's.
    """
    del ground
    if command := os.environ.get("ENGINE_COMMAND"):
        return settings_for(command, ENGINE_COMPILE_CACHE=os.environ["ENGINE_COMPILE_CACHE"])
    node.ensure_engine_installed()
    return settings_for(node.engine_command(), ENGINE_COMPILE_CACHE=str(node.engine_compile_cache()))
