"""Answers as Anthropic's Messages API writes them, whole or as server-sent events."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

from .conversation import Conversation, Json
from .moves import Move

_PIECE_CHARACTERS = 48


def message(move: Move, talk: Conversation, *, model: str) -> Json:
    """The whole answer, without its usage."""
    content: list[Json] = [{"type": "text", "text": move.text}]
    for name, arguments in move.calls:
        content.append(
            {
                "type": "tool_use",
                "id": f"toolu_{secrets.token_hex(12)}",
                "name": talk.full_name(name),
                "input": arguments,
            }
        )
    return {
        "id": f"msg_{secrets.token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "tool_use" if move.calls else "end_turn",
        "stop_sequence": None,
    }


def events(answer: Json, usage: dict[str, int], *, cut_arguments: bool = False) -> Iterator[bytes]:
    """The answer as a stream; `cut_arguments` leaves a tool's arguments unfinished."""
    start = {**answer, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield _event("message_start", message=start)
    for index, block in enumerate(answer["content"]):
        yield from _block(index, block, cut_arguments=cut_arguments)
        if index == 0:
            yield _event("ping")
    delta = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    yield _event("message_delta", delta=delta, usage={"output_tokens": usage["output_tokens"]})
    yield _event("message_stop")


def error(kind: str, text: str) -> Json:
    """An error's body."""
    return {"type": "error", "error": {"type": kind, "message": text}}


def _block(index: int, block: Json, *, cut_arguments: bool) -> Iterator[bytes]:
    if block["type"] == "text":
        yield _event("content_block_start", index=index, content_block={"type": "text", "text": ""})
        for piece in _pieces(block["text"]):
            yield _event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece})
    else:
        yield _event("content_block_start", index=index, content_block={**block, "input": {}})
        arguments = json.dumps(block["input"], ensure_ascii=False)
        for piece in ["", *_pieces(arguments[: len(arguments) // 2] if cut_arguments else arguments)]:
            yield _event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": piece})
    yield _event("content_block_stop", index=index)


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE_CHARACTERS] for start in range(0, len(text), _PIECE_CHARACTERS)]


def _event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n".encode()
