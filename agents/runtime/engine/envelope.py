"""What the engine answered: `{ok, final, usage, toolSummary}` on stdout, or a failure in the words of the exits.

Owns the reading of that. The engine's error message may quote a mail, so none of it goes into a Failure's detail;
it is only searched for the few phrases that tell one cause from another.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from agents.runtime.exits import Exit
from agents.runtime.failures import Failure

FINAL_CHARACTERS: Final = 16_000

# What the engine says of a call to the model that failed (2026.9.6); the tests provoke each with the real one.
_BUDGET: Final = re.compile(r"billing error|out of budget|usage limit", re.IGNORECASE)
_MODEL: Final = re.compile(
    r"rate limit|overloaded|request failed \(|LLM request|provider endpoint|HTTP [45]\d\d|model fallback",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """Tokens as the engine counted them; what is billed is the bridge's count."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ToolSummary:
    """How often the model called a tool, how many of these failed, and the names of the tools."""

    calls: int = 0
    failures: int = 0
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A turn that ended well. `final` is the model's last text: it may quote mail, so it is never logged."""

    ok: bool
    final: str = field(repr=False)
    usage: EngineUsage
    tool_summary: ToolSummary
    seconds: float
    peak_rss_mib: float


def parse_envelope(stdout: bytes, *, exit_code: int, seconds: float, peak_rss_mib: float) -> Envelope:
    """The envelope of a turn that ended well; Failure with the cause of any other."""
    said = _object(stdout)
    if said is None:
        raise Failure(Exit.ENGINE_FAILED, f"no envelope in {len(stdout)} bytes, exit code {exit_code}", retryable=True)
    if said.get("ok") is not True or exit_code != 0:
        raise _failure(said, exit_code)
    final = said.get("final")
    return Envelope(
        ok=True,
        final=(final if isinstance(final, str) else "")[:FINAL_CHARACTERS],
        usage=_usage(said.get("usage")),
        tool_summary=_tools(said.get("toolSummary")),
        seconds=seconds,
        peak_rss_mib=peak_rss_mib,
    )


def _failure(said: dict[str, Any], exit_code: int) -> Failure:
    error = said.get("error")
    message = str(error.get("message", "")) if isinstance(error, dict) else ""
    if _BUDGET.search(message):
        return Failure(Exit.BUDGET_SPENT, "the bridge refused the call to the model")
    if _MODEL.search(message):
        return Failure(Exit.MODEL_UNREACHABLE, "the engine gave up calling the model", retryable=True)
    if said.get("status") == "timeout" or exit_code == 2:
        return Failure(Exit.ENGINE_TIMEOUT, "the engine stopped at its own time limit", retryable=True)
    return Failure(Exit.ENGINE_FAILED, f"the engine reported an error, exit code {exit_code}", retryable=True)


def _object(stdout: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(stdout)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _usage(said: Any) -> EngineUsage:
    found = said if isinstance(said, dict) else {}
    return EngineUsage(
        input_tokens=_count(found.get("input")),
        output_tokens=_count(found.get("output")),
        cache_read_tokens=_count(found.get("cacheRead")),
        cache_write_tokens=_count(found.get("cacheWrite")),
    )


def _tools(said: Any) -> ToolSummary:
    found = said if isinstance(said, dict) else {}
    names = found.get("tools")
    return ToolSummary(
        calls=_count(found.get("calls")),
        failures=_count(found.get("failures")),
        # A name that the model made up may be anything.
        tools=tuple(name for name in names if isinstance(name, str) and re.fullmatch(r"[\w-]{1,80}", name, re.ASCII))
        if isinstance(names, list)
        else (),
    )


def _count(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and said >= 0 else 0
