"""What the engine's process has and can reach, while the agent that started it runs as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from agents.runtime.engine.seats import SEATS
from agents.runtime.exits import Exit
from openclaw_site.devstack.model import Misbehaviour
from tests.safety import look_around
from tests.safety.canaries import ENVIRONMENT_CANARY, found_in, texts_of
from tests.safety.conftest import FIRST_UID, RUN_SECONDS
from tests.safety.mailbox import FIRST, LAST, deliver
from tests.safety.run import as_text

# All that its environment may hold. What of it is secret opens two loopback ports, for this turn only.
TOKENS = ("BRIDGE_TOKEN", "MCP_TOKEN")
ENVIRONMENT = {
    *("PATH", "HOME", "TMPDIR", "NODE_OPTIONS", "NODE_COMPILE_CACHE", *TOKENS),
    *("OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH", "OPENCLAW_NO_RESPAWN", "OPENCLAW_DISABLE_BONJOUR"),
    *("OPENCLAW_SKIP_CHANNELS", "OPENCLAW_EXEC_SHELL_SNAPSHOT", "OPENCLAW_NO_AUTO_UPDATE", "OPENCLAW_OFFLINE"),
    "OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED",
}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="without root the engine has no user of its own")


@pytest.fixture
def held(model):
    """A function that lets the model answer from now on; until then each request waits for it."""
    model.first_byte_seconds = RUN_SECONDS

    def let_go():
        model.first_byte_seconds = 0.0
        model.misbehave(Misbehaviour.NONE)

    yield let_go
    let_go()


@pytest.fixture
def agent(customer, gmail, secrets, model, held, real_engine, start_agent):
    """An agent whose engine has read its mail and waits for the model's next word."""
    deliver(gmail, [FIRST, LAST])
    agent = start_agent(customer, AGENT_ROLE="scout", **real_engine, **dict([ENVIRONMENT_CANARY]))
    deadline = time.monotonic() + RUN_SECONDS
    while model.calls < 3:
        assert time.monotonic() < deadline, agent.text
        assert agent.process.poll() is None, agent.text
        time.sleep(0.05)
        model.misbehave(Misbehaviour.NONE)  # the request that waits is answered
    return agent


def test_engine_has_no_credential_and_reaches_none(agent, secrets, model, neighbour, held):
    engine = engines()
    words = {**secrets, **{name: engine[0].environ()[name] for name in TOKENS}}
    for process in engine:
        environ = process.environ()
        assert set(environ) <= ENVIRONMENT
        assert found_in(str(environ), secrets) == []
        assert found_in(str(process.cmdline()), words) == []
        assert {peer.raddr.ip for peer in process.net_connections() if peer.raddr} <= {"127.0.0.1", "::1"}
        assert [path for path in open_files(process) if not is_its_own(path, process)] == []
    own = {(f"/proc/{process.pid}/environ", name) for process in engine for name in TOKENS}
    seen = look(engine[0], words, supervisor=agent.process.pid)
    assert {(path, list(words)[number]) for path, number in seen["found"]} == own
    assert seen["reached"] == []
    held()
    assert agent.wait(RUN_SECONDS) == Exit.OK, agent.text
    assert found_in(agent.text, {**words, **texts_of([FIRST, LAST])}) == []
    assert found_in(as_text([request.body for request in model.requests]), words) == []
    assert neighbour.unchanged()


def engines():
    """The processes of the engines' users."""
    ours = range(FIRST_UID, FIRST_UID + SEATS)
    running = psutil.process_iter(["uids"])
    found = [process for process in running if (uids := process.info["uids"]) and uids.real in ours]
    assert found
    return found


def folder_of(process):
    """The folder of its run."""
    return Path(process.environ()["HOME"]).parent


def open_files(process):
    links = [str(entry.readlink()) for entry in Path(f"/proc/{process.pid}/fd").iterdir()]
    return [link for link in links if link.startswith("/")]


def is_its_own(path, process):
    """Whether a file is of the run, or holds nothing."""
    locks = f"/tmp/openclaw-state-locks-{process.uids().real}"
    return path in ("/dev/null", "/dev/urandom") or path.startswith((f"{folder_of(process)}/", f"{locks}/"))


def look(process, words, *, supervisor):
    """What a program with the process's user and rights finds."""
    folders = [str(folder_of(process)), "/tmp", "/dev/shm", "/run"]
    work = {"uid": process.uids().real, "words": list(words.values()), "supervisor": supervisor, "folders": folders}
    answer = subprocess.run(
        [sys.executable, "-I", "-S", look_around.__file__],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(answer.stdout)
