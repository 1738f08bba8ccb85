"""Which part of a request the model may keep. Owns where cache_control stands when the engine set none.

Tools, system prompt and messages are one prefix in that order, and a kept prefix costs a tenth when it comes again:
a breakpoint on the system prompt (or the last tool) keeps what all turns of a role share, one on the last message
what the next call of this turn repeats. Anthropic's "Prompt caching": at most four breakpoints.
"""

from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

_KEEP: Final = {"type": "ephemeral"}
_MARKABLE: Final = ("text", "tool_use", "tool_result")


def with_cache_control(body: Json) -> Json:
    """The body with the engine's own breakpoints, or ours when it has none.

    All live five minutes: a turn is over before that, and an hour's would cost more to write.
    """
    marked = list(_marked(body))
    for block in marked:
        block["cache_control"] = dict(_KEEP)
    if marked:
        return body
    if body.get("system"):
        body["system"] = _as_blocks(body["system"])
        _mark(body["system"])
    elif body.get("tools"):
        body["tools"][-1]["cache_control"] = dict(_KEEP)
    last = body["messages"][-1]
    last["content"] = _as_blocks(last["content"])
    _mark(last["content"])
    return body


def _mark(blocks: list[Json]) -> None:
    """A breakpoint on the last block, where the service takes one: not on an empty text, nor on thoughts."""
    last = blocks[-1] if blocks else {}
    if last.get("type") in _MARKABLE and last.get("text") != "":
        last["cache_control"] = dict(_KEEP)


def _marked(body: Json) -> Iterator[Json]:
    parts = [body.get("tools"), body.get("system"), *(message["content"] for message in body["messages"])]
    for part in parts:
        for block in part if isinstance(part, list) else ():
            if block.get("cache_control"):
                yield block
            inner = block.get("content")
            for piece in inner if isinstance(inner, list) else ():
                if isinstance(piece, dict) and piece.get("cache_control"):
                    yield piece


def _as_blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
