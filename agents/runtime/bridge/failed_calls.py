"""Which of the model's tool calls failed, read from what the engine tells it next.

What the engine refuses by itself (a tool that it was not offered, a file outside its workspace) reaches no tool of
ours; here it is seen all the same.
"""

from collections.abc import Iterator
from typing import Any


def failed_calls(messages: list[dict[str, Any]]) -> dict[str, str]:
    """Names of the tools whose calls the last message reports as failed, by the call's id.

    A name is the model's own and may be any text. Raises as `messages` is not of the Messages API.
    """
    failed = {block["tool_use_id"] for block in _blocks(messages[-1], "tool_result") if block.get("is_error")}
    asked = (block for message in messages[-2:-1] for block in _blocks(message, "tool_use"))
    return {str(block["id"]): str(block["name"]) for block in asked if block["id"] in failed}


def _blocks(message: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    content = message["content"]
    return (block for block in (content if isinstance(content, list) else ()) if block.get("type") == kind)
