"""What an answer is said to have used: a quarter of the bytes, and a prompt cache that keeps Anthropic's rules.

The rules (Anthropic's "Prompt caching" and Bedrock's model cards, read on 2026-09-30): tools, system and messages are
one prefix in that order; at most 4 breakpoints; up to 20 blocks before one are looked up; an entry lives five minutes
from its last use; a prefix shorter than the model's least (4,096 tokens for Haiku 4.5, 1,024 else) is not kept.
"""

import hashlib
import json
import threading
import time
from itertools import accumulate
from typing import Any

from .conversation import Json

MOST_BREAKPOINTS = 4
_LOOKBACK_BLOCKS = 20
_LIFE_SECONDS = 300.0
_BYTES_A_TOKEN = 4


class PromptCache:
    """The prefixes seen lately; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def usage(self, body: Json, answer: Json) -> dict[str, int]:
        """The usage of a request and its answer. ValueError: too many breakpoints."""
        model = str(body.get("model"))
        blocks = _blocks(body)
        marked = [index for index, (_, has_mark) in enumerate(blocks) if has_mark]
        if len(marked) > MOST_BREAKPOINTS:
            raise ValueError(f"A maximum of 4 blocks with cache_control may be provided. Found {len(marked)}.")
        sizes = list(accumulate(_tokens(data) for data, _ in blocks))
        names = _names(model, [data for data, _ in blocks])
        marked = [index for index in marked if sizes[index] >= _least(model)]
        with self._lock:
            now = time.monotonic()
            held = max((self._held(names, index, now) for index in marked), default=-1)
            for index in marked:
                self._until[names[index]] = now + _LIFE_SECONDS
        read = sizes[held] if held >= 0 else 0
        kept = max(read, sizes[marked[-1]]) if marked else 0
        return {
            "input_tokens": (sizes[-1] if sizes else 0) - kept,
            "cache_creation_input_tokens": kept - read,
            "cache_read_input_tokens": read,
            "output_tokens": _tokens(_bytes(answer["content"])),
        }

    def _held(self, names: list[str], index: int, now: float) -> int:
        """The last block up to `index` whose prefix is in the cache; -1 for none."""
        for block in range(index, max(-1, index - _LOOKBACK_BLOCKS), -1):
            if self._until.get(names[block], 0.0) > now:
                return block
        return -1


def count(body: Json) -> int:
    """The tokens of a request."""
    return sum(_tokens(data) for data, _ in _blocks(body))


def _blocks(body: Json) -> list[tuple[bytes, bool]]:
    """The request's blocks in the order of the prefix, with whether each is a breakpoint."""
    found = [_block("tool", tool) for tool in body.get("tools") or []]
    found += [_block("system", block) for block in _list(body.get("system"))]
    for message in body.get("messages") or []:
        found += [_block(str(message.get("role")), block) for block in _list(message.get("content"))]
    return found


def _block(place: str, block: Any) -> tuple[bytes, bool]:
    if not isinstance(block, dict):
        return _bytes([place, block]), False
    plain = {name: value for name, value in block.items() if name != "cache_control"}
    return _bytes([place, plain]), bool(block.get("cache_control"))


def _list(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content or [])


def _names(model: str, blocks: list[bytes]) -> list[str]:
    running = hashlib.sha256(model.encode())
    names = []
    for data in blocks:
        running.update(hashlib.sha256(data).digest())
        names.append(running.hexdigest())
    return names


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _tokens(data: bytes) -> int:
    return max(1, len(data) // _BYTES_A_TOKEN)


def _least(model: str) -> int:
    return 4096 if "haiku-4-5" in model else 1024
