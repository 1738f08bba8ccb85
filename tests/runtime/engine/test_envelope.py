"""The engine's answer, and what each way of failing is called."""

import json

import pytest

from agents.runtime.engine.envelope import EngineUsage, ToolSummary, parse_envelope
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure


def parse(said, *, exit_code=0):
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return parse_envelope(raw, exit_code=exit_code, seconds=1.5, peak_rss_mib=500.0)


def failed(said, *, exit_code=1):
    with pytest.raises(Failure) as raised:
        parse(said, exit_code=exit_code)
    return raised.value


def error(message, *, status="error"):
    return {"ok": False, "status": status, "final": "", "error": {"kind": "exception", "message": message}}


def test_a_good_turn():
    envelope = parse(
        {
            "ok": True,
            "final": "2 drafts saved",
            "usage": {"input": 500, "output": 100, "cacheRead": 40, "cacheWrite": 7, "total": 647},
            "toolSummary": {"calls": 4, "failures": 1, "tools": ["backoffice__save_draft", "read"]},
        }
    )
    assert envelope.ok
    assert envelope.final == "2 drafts saved"
    assert envelope.usage == EngineUsage(500, 100, 40, 7)
    assert envelope.tool_summary == ToolSummary(4, 1, ("backoffice__save_draft", "read"))
    assert (envelope.seconds, envelope.peak_rss_mib) == (1.5, 500.0)


def test_final_text_may_quote_mail_and_is_not_shown():
    assert "Jana" not in repr(parse({"ok": True, "final": "Jana wrote"}))


def test_odd_figures_count_as_none():
    envelope = parse(
        {
            "ok": True,
            "final": ["x"],
            "usage": {"input": -1, "output": "7", "cacheRead": True},
            "toolSummary": {"calls": None, "tools": ["ok", "Dear Sir, \n", 5]},
        }
    )
    assert (envelope.final, envelope.usage, envelope.tool_summary) == ("", EngineUsage(), ToolSummary(tools=("ok",)))
    assert parse({"ok": True, "usage": 5, "toolSummary": []}).usage == EngineUsage()


@pytest.mark.parametrize("said", [b"", b"null", b"[1]", b"\xff\xfe", b"{", b"[" * 100_000, b'{"ok": true} {}'])
def test_what_is_no_envelope_is_a_failure(said):
    assert failed(said, exit_code=0).exit is Exit.ENGINE_FAILED


@pytest.mark.parametrize(
    ("said", "exit_code", "exit_name"),
    [
        ({"ok": True, "final": "x"}, 1, "ENGINE_FAILED"),
        ({"ok": "true"}, 0, "ENGINE_FAILED"),
        ({}, 0, "ENGINE_FAILED"),
        ({"ok": False}, 1, "ENGINE_FAILED"),
        ({"ok": False, "error": "text"}, 1, "ENGINE_FAILED"),
        (error("Cannot read properties of undefined"), 1, "ENGINE_FAILED"),
        (error("Agent run timed out", status="timeout"), 2, "ENGINE_TIMEOUT"),
        (error("API rate limit reached. Please try again later."), 1, "MODEL_UNREACHABLE"),
        (error("claude/x request failed (provider internal error, HTTP 500)."), 1, "MODEL_UNREACHABLE"),
        (error("claude/x request failed (authentication failed, HTTP 401)."), 1, "MODEL_UNREACHABLE"),
        (error("The AI service is temporarily overloaded."), 1, "MODEL_UNREACHABLE"),
        (
            error("LLM request failed: connection refused by the provider endpoint.", status="timeout"),
            2,
            "MODEL_UNREACHABLE",
        ),
        (error("claude (x) returned a billing error — your API key has run out of credits"), 1, "BUDGET_SPENT"),
    ],
)
def test_each_cause_has_its_exit(said, exit_code, exit_name):
    assert failed(said, exit_code=exit_code).exit is Exit[exit_name]


def test_only_what_passes_by_itself_is_tried_again():
    assert failed(error("overloaded")).retryable
    assert not failed(error("billing error")).retryable


def test_engines_message_is_not_repeated():
    assert "Jana" not in failed(error("tool failed: Dear Jana")).detail
