"""The engine itself, against a model and a tool server on loopback. Some ten seconds a turn, most of it its start."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agents.runtime.engine import Envelope, Limits, Profile
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure, Stopped
from tests.runtime.engine.conftest import running, turn
from tests.runtime.engine.outside import TOKEN_OF_MODEL, TOKEN_OF_TOOLS, TinyModel, TinyTools

LIMITS = Limits(timeout_seconds=90)
FORBIDDEN = ("AWS", "DATABASE", "PG", "GMAIL", "GOOGLE", "ANTHROPIC", "TENANT", "CUSTOMER", "PROXY", "DJANGO", "SECRET")


@pytest.fixture
def outside():
    """A function that makes a model and the tools; both are gone after the test."""
    made = []

    def make(*plan, **settings):
        model, tools = TinyModel(*plan, **settings), TinyTools()
        made.extend([model, tools])
        return model, tools

    yield make
    for server in made:
        server.stop()


def real_turn(engine, model, tools, **changes):
    urls = {"bridge_url": model.url, "mcp_url": f"{tools.url}/mcp"}
    return turn(engine, **{**urls, "limits": LIMITS, **changes})


def see(pid):
    """What anybody may know of a process, and its environment, which only root and its own user may."""
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    environ = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return status, [entry.partition("=")[0] for entry in environ if entry]


def test_it_reads_its_role_calls_our_tool_and_nothing_else(real_engine, ground, outside, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sEcReT")
    monkeypatch.setenv("DATABASE_HOST", "sEcReT")
    model, tools = outside(
        ("backoffice__list_messages", {"limit": 5}),
        ("read", {"path": "skills/inbox-report/SKILL.md"}),
        ("read", {"path": "/proc/self/environ"}),
        ("read", {"path": f"/proc/{os.getpid()}/environ"}),
        ("read", {"path": "/etc/passwd"}),
        ("read", {"path": "../openclaw.json"}),
        ("exec", {"command": "id"}),
        ("web_fetch", {"url": "http://127.0.0.1:9"}),
        ("write", {"path": "AGENTS.md", "content": "x"}),
        last_words="1 classified, brief written",
    )
    model.hold.clear()
    compiled = dates_of(real_engine.compile_cache)
    with ThreadPoolExecutor(1) as pool:
        envelope = pool.submit(real_turn, real_engine, model, tools, profile=Profile(tone="Per du."))
        assert model.asked.wait(60)
        processes = [see(pid) for pid in running(ground)]
        model.hold.set()
        envelope = envelope.result()

    assert_envelope(envelope)
    # The tools: ours, and reading.
    assert model.offered == ["backoffice__list_messages", "read"]
    assert [call["name"] for call in tools.calls] == ["list_messages"]
    listed, skill, *refused = model.results
    assert listed["content"] == "Two messages."
    assert "# Inbox report" in skill["content"]
    assert len(refused) == 7
    assert all(result["is_error"] for result in refused)
    assert not any(word in str(refused) for word in ("sEcReT", "root:", TOKEN_OF_MODEL, TOKEN_OF_TOOLS, "uid="))
    # What it was told: the role, its tone, the customer's.
    assert model.system.index("# Butler") < model.system.index("# Tone") < model.system.index("Per du.")
    assert "<name>inbox-report</name>" in model.system
    assert model.requests[0]["model"] == "anthropic.claude-test-v1:0"
    assert {request["path"] for request in model.requests} == {"/v1/messages"}
    assert all(headers["x-api-key"] == TOKEN_OF_MODEL for headers in model.seen_headers)
    # The process.
    assert processes
    for status, names in processes:
        assert not [name for name in names if any(word in name for word in FORBIDDEN)]
        assert status["NoNewPrivs"] == "1"
        assert status["CapEff"] == "0" * 16
        if os.geteuid() == 0:
            assert os.getuid() not in {int(uid) for uid in status["Uid"].split()}
    # Its compiled code: all of it was there, and is as it was.
    assert len(compiled) > 4_000
    assert dates_of(real_engine.compile_cache) == compiled


def dates_of(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def assert_envelope(envelope: Envelope) -> None:
    assert envelope.final == "1 classified, brief written"
    assert envelope.usage.input_tokens == 1_000
    assert envelope.tool_summary.calls >= 6
    assert {"backoffice__list_messages", "read"} <= set(envelope.tool_summary.tools)
    assert 100 < envelope.peak_rss_mib < LIMITS.memory_mib
    assert envelope.seconds < 60


def test_model_that_refuses_ends_the_turn_soon_and_under_its_own_name(real_engine, ground, outside):
    """The two at a time; the engine by itself would try again for more than two minutes."""
    spent, tools = outside()
    spent.refuse = (429, "rate_limit_error", "This customer is out of budget until the month ends.")
    broken, _ = outside()
    broken.refuse = (500, "api_error", "Internal server error")

    def cause(model):
        with pytest.raises(Failure) as raised:
            real_turn(real_engine, model, tools, role="scout")
        return raised.value.exit, len(model.requests)

    started = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(cause, [spent, broken])) == [(Exit.BUDGET_SPENT, 1), (Exit.MODEL_UNREACHABLE, 3)]
    assert time.monotonic() - started < 80


def test_word_to_stop_ends_it_in_the_middle_of_a_call(real_engine, ground, outside):
    model, tools = outside()
    model.hold.clear()
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(real_turn, real_engine, model, tools, role="writer", pause=stop.wait)
        assert model.asked.wait(60)
        told = time.monotonic()
        stop.set()
        with pytest.raises(Stopped):
            outcome.result()
    assert time.monotonic() - told < 2
    model.hold.set()
