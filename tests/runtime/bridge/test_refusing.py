"""What the bridge does not pass on: who has no token, other paths, bodies and blocks that no agent may send."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest

from agents.runtime.bridge import ModelBridge, UnknownModel
from agents.runtime.bridge.request import MOST_BYTES
from openclaw_site.devstack.model import Model
from tests.devstack.engine import request
from tests.runtime.bridge.conftest import HEADERS, TOKEN, MakeBridge, post
from tests.runtime.bridge.refusals import refused


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "wrong"},
        {"x-api-key": ""},
        {"Authorization": "Bearer wrong", "x-api-key": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"x-api-key": TOKEN + "é"},
    ],
)
def test_without_the_token_nothing_is_sent(make_bridge: MakeBridge, model: Model, headers: dict[str, str]) -> None:
    bridge = make_bridge()
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()] or [(b"x-other", b"x")]
    reply = httpx.post(f"{bridge.url}/v1/messages", json=request("scout"), headers=raw)
    refused(reply, 401, "authentication_error")
    assert (model.calls, dict(bridge.refusals)) == (0, {"token": 1})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/messages"),
        ("DELETE", "/v1/messages"),
        ("POST", "/"),
        ("POST", "/v1/messages/count_tokens"),
        ("POST", "/v1/messages/../complete"),
        ("POST", "/v1/messages/batches"),
        ("POST", "/v1/files"),
        ("GET", "/v1/models"),
        ("POST", "http://169.254.169.254/v1/messages"),
    ],
)
def test_one_path_and_one_method(make_bridge: MakeBridge, model: Model, method: str, path: str) -> None:
    bridge = make_bridge()
    body = json.dumps(request("scout"))
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nx-api-key: {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert b" 404 " in exchange(bridge, head.encode()).splitlines()[0]
    assert model.calls == 0


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("", b"411"),
        ("Content-Length: -1", b"411"),
        ("Content-Length: 1_0", b"411"),
        ("Transfer-Encoding: chunked", b"411"),
        (f"Content-Length: {MOST_BYTES + 1}", b"413"),
        ("Content-Length: 0000000000005000000000", b"413"),
        ("Content-Length: 0", b"400"),
    ],
)
def test_a_body_says_its_length_and_has_a_limit(make_bridge: MakeBridge, length: str, status: bytes) -> None:
    head = f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {TOKEN}\r\nConnection: close\r\n{length}".rstrip()
    assert exchange(make_bridge(), f"{head}\r\n\r\n".encode()).split()[1] == status


def exchange(bridge: ModelBridge, data: bytes) -> bytes:
    """All that the bridge answers to these bytes."""
    with socket.create_connection(("127.0.0.1", int(bridge.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(data)
        seen = b""
        while b"}}" not in seen and (piece := connection.recv(65536)):
            seen += piece
        return seen


FETCHED = {"type": "image", "source": {"type": "url", "url": "http://elsewhere.example/?q=hush"}}
HOLDER = {"type": "document", "source": {"type": "content", "content": [FETCHED]}}
FILE = {"type": "document", "source": {"type": "file", "file_id": "f"}}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "hush"}}


def said(*blocks: Any) -> dict[str, Any]:
    """What a user's message of these blocks changes in a request."""
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def given_back(*blocks: Any) -> dict[str, Any]:
    """The same of a tool's result."""
    return said({"type": "tool_result", "tool_use_id": "t", "content": list(blocks)})


@pytest.mark.parametrize(
    "change",
    [
        {"max_tokens": 0},
        {"max_tokens": True},
        {"max_tokens": "9"},
        {"messages": []},
        {"messages": "hush"},
        {"messages": [{"role": "user"}]},
        {"messages": ["hush"]},
        {"messages": [{"role": "user", "content": 5}]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
        {"tools": "hush"},
        *(
            made(block)
            for made in (said, given_back)
            for block in (FETCHED, HOLDER, FILE, IMAGE, {"no": "type"}, "hush")
        ),
        given_back({"type": "tool_result", "tool_use_id": "t", "content": [FETCHED]}),
        said({"type": "search_result", "source": "http://elsewhere.example", "title": "t", "content": [FETCHED]}),
        said({"type": "container_upload", "file_id": "f"}),
        {"system": [FETCHED]},
        {"system": {"type": "text", "text": "hush"}},
        {"temperature": float("nan")},
    ],
)
def test_what_no_agent_may_ask_is_not_sent(make_bridge: MakeBridge, model: Model, change: dict[str, Any]) -> None:
    data = json.dumps({**request("scout"), **change}).encode()
    reply = httpx.post(f"{make_bridge().url}/v1/messages", content=data, headers=HEADERS)
    assert "hush" not in refused(reply, 400, "invalid_request_error")
    assert model.calls == 0


def test_text_thoughts_and_tool_calls_are_sent_on_as_they_are(make_bridge: MakeBridge, model: Model) -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    use = {
        "type": "tool_use",
        "id": "t",
        "name": "list_messages",
        "input": {"type": "image", "source": {"type": "url"}},
    }
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "None."}]}
    empty = {"type": "tool_result", "tool_use_id": "t", "content": None}
    for last in (result, empty, {**result, "content": "None."}):
        messages: list[dict[str, Any]] = [
            {"role": "user", "content": "Begin."},
            {"role": "assistant", "content": [thought, {"type": "redacted_thinking", "data": "d"}, use]},
            {"role": "user", "content": [last]},
        ]
        assert post(make_bridge(), request("scout", messages)).status_code == 200
        *_, asked, answered = model.requests[-1].body["messages"]
        assert asked["content"] == messages[1]["content"]
        assert [{**answered["content"][0], "cache_control": None}] == [{**last, "cache_control": None}]


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(make_bridge: MakeBridge, model: Model, data: bytes) -> None:
    reply = httpx.post(f"{make_bridge().url}/v1/messages", content=data, headers=HEADERS)
    refused(reply, 400, "invalid_request_error")
    assert model.calls == 0


def test_bytes_that_are_no_text_in_a_mail_do_not_stop_the_work(make_bridge: MakeBridge, model: Model) -> None:
    data = json.dumps(request("scout", [{"role": "user", "content": "half a face: \ud83d"}])).encode()
    reply = httpx.post(f"{make_bridge().url}/v1/messages", content=data, headers=HEADERS)
    assert reply.status_code == 200
    assert model.requests[0].body["messages"][0]["content"][0]["text"] == "half a face: ?"


def test_model_without_a_price_is_named_at_the_start(make_bridge: MakeBridge) -> None:
    with pytest.raises(UnknownModel, match="MODEL_ID 'claude-hush-9' has no price"):
        make_bridge(model="claude-hush-9")
