"""What the engine may ask of the model. Owns the check of a request's body and the form in which it is sent on.

The model's service can fetch addresses, run code and reach other servers by itself. None of that is the agent's to
ask for, and its work is text: fields, tools and kinds of content that are not named here are refused or left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from agents.runtime.bridge.caching import with_cache_control
from agents.runtime.bridge.failed_calls import failed_calls
from agents.runtime.bridge.loop_breaker import fingerprint_of

MOST_BYTES: Final = 4 * 1024 * 1024  # the engine's context of 128,000 tokens takes about one
MOST_ANSWER_TOKENS: Final = 8_192

_FIELDS: Final = (
    *("messages", "system", "tools", "tool_choice", "stream"),
    *("temperature", "top_p", "top_k", "stop_sequences", "thinking"),
)
# Thoughts are the model's own words, which it gets back. What has a source (images, documents) is not here.
_CONTENT: Final = ("text", "tool_use", "tool_result", "thinking", "redacted_thinking")
_TEXT: Final = ("text",)


class BadRequest(Exception):
    """Not a request that is sent on; the text says why and quotes nothing of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelRequest:
    """A request as it goes out; `failed` are the tool calls that it reports as failed, id to name."""

    body: bytes
    fingerprint: str
    failed: Mapping[str, str]


def read_request(data: bytes, *, model: str) -> ModelRequest:
    """The engine's request, for our model and with cache_control. BadRequest: it is not sent on."""
    try:
        asked = json.loads(data)
        body = _checked(asked)
        fingerprint = fingerprint_of(body["messages"])
        failed = failed_calls(body["messages"])
        body = {"model": model, **with_cache_control(body)}
        # A lone surrogate in a mail is no UTF-8 and would be refused by the service: it becomes a question mark.
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except BadRequest:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadRequest("The body is not a request of the Messages API.") from None
    return ModelRequest(body=text.encode("utf-8", errors="replace"), fingerprint=fingerprint, failed=failed)


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    tokens = asked.get("max_tokens")
    if type(tokens) is not int or tokens < 1:
        raise BadRequest("max_tokens must be a positive number.")
    if not isinstance(asked.get("messages"), list) or not asked["messages"]:
        raise BadRequest("messages must be a list with at least one message.")
    if any(tool.get("type", "custom") != "custom" for tool in asked.get("tools") or ()):
        raise BadRequest("Tools of the model's service are not allowed.")
    if not all(_is_made_of(_CONTENT, message["content"]) for message in asked["messages"]):
        raise BadRequest("Content other than text, thoughts and tool calls is not allowed.")
    if not _is_made_of(_TEXT, asked.get("system") or ""):
        raise BadRequest("A system prompt other than text is not allowed.")
    kept = {name: asked[name] for name in _FIELDS if asked.get(name) is not None}
    return {"max_tokens": min(tokens, MOST_ANSWER_TOKENS), **kept}


def _is_made_of(kinds: tuple[str, ...], content: Any) -> bool:
    """Whether content is text, or blocks of these kinds; what tools gave back may be text alone."""
    if not isinstance(content, list):
        return isinstance(content, str)
    return all(
        block.get("type") in kinds
        and (block["type"] != "tool_result" or _is_made_of(_TEXT, block.get("content") or ""))
        for block in content
    )
