"""What a request holds, as the rules need it: the tools offered and what earlier calls brought.

The engine puts a server's name before each tool's (`backoffice__list_messages`); here tools have their bare names.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
Call = tuple[str, Json]  # a tool's bare name, and the arguments

_DECODER = json.JSONDecoder()
_BACK_OFFICE = frozenset(
    {
        *("list_messages", "read_message", "classify_message", "write_brief"),
        *("upsert_lead", "list_leads", "read_thread", "save_draft"),
    }
)
_MORE = re.compile(r'"more":\s*"[^"]*?(?:after=(?P<after>[\w-]+))?"')
_LISTS = ("messages", "leads", "items", "result", "content", "structuredContent")


@dataclass(frozen=True, kw_only=True)
class Called:
    """A tool call of an earlier answer, with what it brought."""

    name: str
    arguments: Json
    result: str
    failed: bool

    def records(self) -> list[Json]:
        """The JSON objects of its result."""
        return [] if self.failed else records(self.result)

    @property
    def has_more(self) -> bool:
        """Whether its result says that a call again brings more."""
        return not self.failed and _MORE.search(self.result) is not None

    @property
    def next_after(self) -> str:
        """Where the next page begins, if its result names that."""
        found = None if self.failed else _MORE.search(self.result)
        return (found["after"] or "") if found else ""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A request's tools (bare name to tool) and the calls so far, in their order."""

    tools: dict[str, Json]
    calls: list[Called] = field(default_factory=list)

    def of(self, name: str) -> list[Called]:
        """The calls of one tool."""
        return [call for call in self.calls if call.name == name]

    def made(self, call: Call) -> bool:
        """Whether a tool was called with exactly these arguments."""
        return any(done.arguments == call[1] for done in self.of(call[0]))

    def without(self, calls: Iterable[Call]) -> "Conversation":
        """The same tools, as if each of these calls had been made once less."""
        left = list(self.calls)
        for call in calls:
            last = max((at for at, done in enumerate(left) if (done.name, done.arguments) == call), default=None)
            if last is not None:
                del left[last]
        return replace(self, calls=left)

    def full_name(self, name: str) -> str:
        """The name to call a tool by; another role's gets the offered ones' prefix, as a model would guess."""
        if name in self.tools:
            return str(self.tools[name]["name"])
        if name not in _BACK_OFFICE:
            return name
        prefixes = [str(tool["name"]).removesuffix(bare) for bare, tool in self.tools.items()]
        return next((prefix for prefix in prefixes if prefix), "") + name

    def choices(self, name: str, argument: str) -> list[str]:
        """The values that a tool's schema allows for an argument; empty when it leaves them open."""
        schema = self.tools.get(name, {}).get("input_schema") or {}
        wanted = (schema.get("properties") or {}).get(argument) or {}
        if reference := str(wanted.get("$ref", "")):
            wanted = (schema.get("$defs") or {}).get(reference.rpartition("/")[2]) or {}
        options = [wanted, *(wanted.get("anyOf") or [])]
        return [str(value) for option in options for value in option.get("enum") or []]


def read(body: Json) -> Conversation:
    """The conversation in a request's body."""
    tools = {bare_name(str(tool["name"])): tool for tool in body.get("tools") or [] if tool.get("name")}
    asked: dict[str, Json] = {}
    calls: list[Called] = []
    for message in body.get("messages") or []:
        for block in _blocks(message.get("content")):
            if block.get("type") == "tool_use":
                asked[str(block.get("id"))] = block
            elif block.get("type") == "tool_result" and (use := asked.get(str(block.get("tool_use_id")))):
                calls.append(
                    Called(
                        name=bare_name(str(use.get("name"))),
                        arguments=use.get("input") if isinstance(use.get("input"), dict) else {},  # type: ignore[arg-type]
                        result="\n".join(str(part.get("text", "")) for part in _blocks(block.get("content"))),
                        failed=bool(block.get("is_error")),
                    )
                )
    return Conversation(tools=tools, calls=calls)


def bare_name(name: str) -> str:
    """A tool's own name, without what the engine puts before it."""
    return re.split(r"__|[.:/]", name)[-1]


def unanswered(body: Json) -> bool:
    """Whether a tool call stands without its result in the next message, which the real API refuses."""
    messages = body.get("messages") or []
    for message, following in zip(messages, [*messages[1:], {}], strict=True):
        blocks = _blocks(message.get("content")) if message.get("role") == "assistant" else []
        asked = {block.get("id") for block in blocks if block.get("type") == "tool_use"}
        if asked - {block.get("tool_use_id") for block in _blocks(following.get("content"))}:
            return True
    return False


def records(text: str) -> list[Json]:
    """The JSON objects in a tool's answer: in a list, one after the other, in a frame, cut off after some."""
    found: list[Json] = []
    position = 0
    while opening := re.compile(r"[\[{]").search(text, position):
        try:
            value, position = _DECODER.raw_decode(text, opening.start())
        except ValueError:
            position = opening.start() + 1
            continue
        found.extend(_flat(value))
    return found


def _flat(value: Any) -> list[Json]:
    if isinstance(value, list):
        return [record for item in value for record in _flat(item)]
    if not isinstance(value, dict):
        return []
    if value.get("type") == "text" and isinstance(value.get("text"), str):
        return records(value["text"])
    for name in _LISTS:
        if isinstance(value.get(name), list):
            return _flat(value[name])
    return [value]


def _blocks(content: Any) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or [] if isinstance(block, dict)]
