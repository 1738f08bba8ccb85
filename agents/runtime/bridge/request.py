"""What the engine may ask of the model. Owns the check of a request's body and the form in which it is sent on.

The model's service can fetch addresses, run code and reach other servers by itself. None of that is the agent's to
ask for: fields, tools and sources that are not named here are refused or left out.
"""

import json
from collections.abc import Iterator, Mapping
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
_OWN_SOURCES: Final = ("base64", "text", "content")


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
    if any(source.get("type") not in _OWN_SOURCES for source in _sources(asked["messages"])):
        raise BadRequest("Content that the model's service would fetch is not allowed.")
    kept = {name: asked[name] for name in _FIELDS if asked.get(name) is not None}
    return {"max_tokens": min(tokens, MOST_ANSWER_TOKENS), **kept}


def _sources(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Where the images and documents of the messages come from, those in tool results too."""
    for message in messages:
        yield from _block_sources(message["content"])


def _block_sources(content: Any) -> Iterator[dict[str, Any]]:
    for block in content if isinstance(content, list) else ():
        if "source" in block:
            yield block["source"]
        if block.get("type") == "tool_result":
            yield from _block_sources(block.get("content"))
