"""What goes through the bridge: signed, metered, as it comes, and as the model wrote it."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from agents.runtime.bridge import AnthropicUpstream, ModelBridge, Usage, cost_micro_usd
from openclaw_site.devstack.model import MODEL_ID, Misbehaviour, Model
from tests.devstack.engine import Desk, assembled, events, mailbox, request, work
from tests.runtime.bridge.canned import SSE, Canned, answer
from tests.runtime.bridge.conftest import API_KEY, HEADERS, TOKEN, MakeBridge, post

ROOFER = "olivia@harborline-roofing.example"


def as_usage(model: Model) -> Usage:
    """What the stub model says that all its answers used."""
    counted = model.total_usage
    return Usage(
        calls=model.calls,
        input_tokens=counted["input_tokens"],
        output_tokens=counted["output_tokens"],
        cache_read_tokens=counted["cache_read_input_tokens"],
        cache_write_tokens=counted["cache_creation_input_tokens"],
    )


@pytest.mark.parametrize("stream", [False, True])
def test_the_work_done_through_it_is_the_work_done_without(make_bridge: MakeBridge, model: Model, stream: bool) -> None:
    direct, bridged = Desk(mailbox(ROOFER).messages), Desk(mailbox(ROOFER).messages)
    work(model.url, "scout", direct, stream=stream)
    model.reset()
    bridge = make_bridge()
    work(bridge.url, "scout", bridged, stream=stream, headers=HEADERS)
    assert bridged.written == direct.written != []
    assert bridge.usage == as_usage(model)
    assert bridge.usage.calls > 3
    assert bridge.cost_micro_usd == cost_micro_usd(MODEL_ID, bridge.usage) > 0
    assert not bridge.refusals


def test_bedrock_gets_a_signature_and_nothing_of_the_engine(make_bridge: MakeBridge, model: Model) -> None:
    post(make_bridge(), {**request("scout"), "model": "another", "metadata": {"user_id": "hush"}, "container": "x"})
    [seen] = model.requests
    assert seen.path == "/anthropic/v1/messages"
    assert seen.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDHUSH/")
    assert "x-amz-security-token" in seen.headers
    assert "x-api-key" not in seen.headers
    assert TOKEN not in str(seen)
    assert seen.body["model"] == MODEL_ID
    assert {"metadata", "container"} & set(seen.body) == set()


def test_anthropic_gets_the_key(make_bridge: MakeBridge, model: Model) -> None:
    bridge = make_bridge(upstream=AnthropicUpstream(API_KEY, model.url), model="claude-haiku-4-5-20251001")
    assert post(bridge, request("scout")).status_code == 200
    [seen] = model.requests
    assert (seen.path, seen.headers["x-api-key"]) == ("/v1/messages", API_KEY)
    assert "authorization" not in seen.headers


def test_bearer_is_as_good_as_the_api_key_header(make_bridge: MakeBridge) -> None:
    answer = post(make_bridge(), request("scout"), {"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200


def test_what_the_model_has_said_is_there_before_it_says_the_rest(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehaviour = Misbehaviour.STALL_MIDWAY
    body = request("scout", stream=True)
    with httpx.stream("POST", f"{make_bridge().url}/v1/messages", json=body, headers=HEADERS) as answer:
        pieces = answer.iter_raw()
        seen = b""
        while seen.count(b"\n\n") < 3:
            seen += next(pieces)
        kinds = [kind for kind, _ in events(seen.decode())]
        assert kinds == ["message_start", "content_block_start", "content_block_delta"]


def test_pieces_come_at_the_models_pace_and_in_its_order(make_bridge: MakeBridge, model: Model) -> None:
    model.chunk_seconds = 0.02
    times, text = [], b""
    body = request("scout", stream=True)
    with httpx.stream("POST", f"{make_bridge().url}/v1/messages", json=body, headers=HEADERS) as answer:
        for piece in answer.iter_raw():
            times.append(time.monotonic())
            text += piece
    assert assembled(text.decode())["stop_reason"] == "tool_use"
    assert len(times) >= 8
    assert times[-1] - times[0] >= 0.02 * 7


def stream_bytes(text: str = "Grüße 🏠 " * 40) -> bytes:
    usage = {"input_tokens": 7, "cache_read_input_tokens": 11, "cache_creation_input_tokens": 13, "output_tokens": 1}
    parts: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"content": [], "usage": usage}},
        {"type": "content_block_delta", "index": 0, "delta": {"text": text, "usage": {"output_tokens": 999}}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 17}},
        {"type": "message_stop"},
    ]
    return "".join(
        f"event: {part['type']}\ndata: {json.dumps(part, ensure_ascii=False)}\n\n" for part in parts
    ).encode()


@pytest.mark.parametrize("size", [1, 3, 64, 10_000])
def test_bytes_are_the_models_and_counted_however_they_are_cut(make_bridge: MakeBridge, size: int) -> None:
    whole = stream_bytes()
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    with Canned(SSE, *pieces) as upstream:
        bridge = make_bridge(endpoint=upstream.url)
        assert post(bridge, request("scout", stream=True)).content == whole
    expected = Usage(calls=1, input_tokens=7, output_tokens=17, cache_read_tokens=11, cache_write_tokens=13)
    assert bridge.usage == expected


def test_answer_without_usage_counts_as_a_call(make_bridge: MakeBridge) -> None:
    with Canned(answer(200, b'{"content": []}', [b"Content-Type: application/json"])) as upstream:
        bridge = make_bridge(endpoint=upstream.url)
        assert post(bridge, request("scout")).json() == {"content": []}
    assert bridge.usage == Usage(calls=1)


def test_many_at_once_are_all_answered_and_all_counted(make_bridge: MakeBridge, model: Model) -> None:
    model.first_byte_seconds = 0.1
    bridge = make_bridge()

    def one(number: int) -> str:
        body = request("scout", [{"role": "user", "content": f"Number {number}."}], stream=number % 2 == 0)
        return post(bridge, body).text

    with ThreadPoolExecutor(12) as pool:
        texts = list(pool.map(one, range(12)))
    assert all("list_messages" in text for text in texts)
    assert bridge.usage == as_usage(model)
    assert bridge.usage.calls == 12


def abandon(bridge: ModelBridge, *, after: bytes) -> None:
    """Ask for a stream, and hang up once the answer holds `after`."""
    body = json.dumps(request("scout", stream=True)).encode()
    head = f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(bridge.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(head.encode() + body)
        seen = b""
        while after not in seen:
            seen += connection.recv(65536)


def test_engine_that_goes_away_takes_nothing_with_it(make_bridge: MakeBridge, model: Model) -> None:
    model.chunk_seconds = 0.02
    bridge = make_bridge()
    abandon(bridge, after=b"message_start")
    model.chunk_seconds = 0.0
    assert post(bridge, request("scout", stream=True)).status_code == 200
    bridge.__exit__(None, None, None)
    assert bridge.usage.calls == 2
    assert bridge.usage.input_tokens == model.total_usage["input_tokens"]
    assert not [thread for thread in threading.enumerate() if thread.name == "model-bridge"]


def test_its_end_does_not_wait_for_a_model_that_is_silent(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehaviour = Misbehaviour.STALL_MIDWAY
    bridge = make_bridge()
    abandon(bridge, after=b"message_start")
    started = time.monotonic()
    bridge.__exit__(None, None, None)
    assert time.monotonic() - started < 3
    assert bridge.usage.calls == 1


def test_after_its_end_nothing_listens(make_bridge: MakeBridge) -> None:
    bridge = make_bridge()
    url = bridge.url
    bridge.__exit__(None, None, None)
    with pytest.raises(httpx.ConnectError):
        httpx.post(f"{url}/v1/messages", json={})
    with pytest.raises(RuntimeError, match="does not stand"):
        _ = bridge.url


def test_each_call_is_one_log_line_of_figures(make_bridge: MakeBridge, lines: list[str]) -> None:
    bridge = make_bridge()
    post(bridge, request("scout", [{"role": "user", "content": "A mail with hush in it."}]))
    bridge.__exit__(None, None, None)
    [line] = [json.loads(line) for line in lines]
    assert line["event"] == "model_called"
    assert line["input_tokens"] + line["cache_write_tokens"] > 10
    assert line["first_byte_milliseconds"] >= 0
