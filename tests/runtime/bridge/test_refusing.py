"""What the bridge does not pass on, and what it says when the model fails: soon, clearly and without a secret."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from agents.runtime.bridge import Budget, LoopBreaker, ModelBridge, UnknownModel
from agents.runtime.bridge.request import MOST_BYTES
from openclaw_site.aws.clients import reset_clients
from openclaw_site.devstack.model import Misbehaviour, Model
from tests.aws.faults import closed_port
from tests.devstack.engine import Desk, events, mailbox, request, work
from tests.runtime.bridge.canned import SSE, Canned, answer
from tests.runtime.bridge.conftest import HEADERS, KEY, QUICK, SESSION_TOKEN, TOKEN, MakeBridge, post


def refused(answer: httpx.Response, status: int, kind: str) -> str:
    """The message of an error in the API's form."""
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert answer.json()["type"] == "error"
    return str(answer.json()["error"]["message"])


def test_spent_budget_ends_the_calls_before_they_are_made(make_bridge: MakeBridge, model: Model) -> None:
    bridge = make_bridge(budget=Budget(100, 100))
    message = refused(post(bridge, request("scout")), 429, "rate_limit_error")
    assert message == "The budget for the model is spent: no further call is made. End the work here."
    assert (model.calls, bridge.usage.calls, dict(bridge.refusals)) == (0, 0, {"budget": 1})


def test_budget_of_nothing_allows_nothing(make_bridge: MakeBridge, model: Model) -> None:
    refused(post(make_bridge(budget=Budget(0)), request("scout")), 429, "rate_limit_error")
    assert model.calls == 0


def test_the_call_that_spends_the_rest_is_the_last(make_bridge: MakeBridge, model: Model) -> None:
    budget = Budget(600)
    bridge = make_bridge(budget=budget)
    bodies = [
        request("scout", [{"role": "user", "content": f"Number {number}."}], stream=bool(number)) for number in range(6)
    ]
    answers = [post(bridge, body) for body in bodies]
    statuses = [answer.status_code for answer in answers]
    assert statuses == sorted(statuses)
    assert 1 < statuses.count(200) == model.calls < 6
    assert 600 <= budget.spent_micro_usd == bridge.cost_micro_usd < 900
    assert answers[-1].headers["x-should-retry"] == "false"


def test_calls_side_by_side_do_not_share_the_same_rest(make_bridge: MakeBridge, model: Model) -> None:
    model.first_byte_seconds = 0.2
    bridge = make_bridge(budget=Budget(100))
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: post(bridge, request("scout")).status_code, range(8)))
    assert sorted(statuses) == [200] + [429] * 7


def test_failed_call_gives_its_hold_back(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehave(Misbehaviour.ERROR_500, times=3)
    bridge = make_bridge(budget=Budget(200))
    assert [post(bridge, request("scout")).status_code for _ in range(4)] == [500, 500, 500, 200]


def test_model_that_goes_in_circles_is_stopped_at_the_fourth_time(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehaviour = Misbehaviour.LOOP
    bridge = make_bridge()
    desk = Desk(mailbox("olivia@harborline-roofing.example").messages)
    with pytest.raises(AssertionError, match="it asked the same 4 times in one run"):
        work(bridge.url, "scout", desk, stream=True, headers=HEADERS)
    assert (model.calls, bridge.refusals["loop"]) == (4, 1)


def test_too_many_calls_are_stopped_even_if_each_is_another(make_bridge: MakeBridge, model: Model) -> None:
    bridge = make_bridge(breaker=LoopBreaker(most_calls=5))
    bodies = [request("scout", [{"role": "user", "content": f"Number {number}."}]) for number in range(6)]
    answers = [post(bridge, body) for body in bodies]
    assert "it made 5 calls in one run" in refused(answers.pop(), 429, "rate_limit_error")
    assert {answer.status_code for answer in answers} == {200}
    assert model.calls == 5


def test_trying_a_failed_call_again_is_no_loop(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehave(Misbehaviour.OVERLOADED, times=5)
    bridge = make_bridge()
    assert [post(bridge, request("scout")).status_code for _ in range(6)] == [529] * 5 + [200]
    assert dict(bridge.refusals) == {"upstream": 5}


@pytest.mark.parametrize(
    ("kind", "status", "type_", "retry"),
    [
        (Misbehaviour.ERROR_500, 500, "api_error", "true"),
        (Misbehaviour.OVERLOADED, 529, "overloaded_error", "true"),
        (Misbehaviour.THROTTLED, 429, "rate_limit_error", "true"),
        (Misbehaviour.STALL, 504, "timeout_error", "false"),
        (Misbehaviour.STALL_MIDWAY, 504, "timeout_error", "false"),
        (Misbehaviour.CUT, 502, "api_error", "true"),
        (Misbehaviour.MALFORMED, 502, "api_error", "true"),
    ],
)
def test_failing_model_is_reported_within_its_time(
    make_bridge: MakeBridge, model: Model, kind: Misbehaviour, status: int, type_: str, retry: str
) -> None:
    model.misbehaviour = kind
    bridge = make_bridge(limits=QUICK if status == 504 else None)
    started = time.monotonic()
    answer = post(bridge, request("scout"))
    assert time.monotonic() - started < 3
    refused(answer, status, type_)
    assert answer.headers["x-should-retry"] == retry
    assert dict(bridge.refusals) == {"upstream": 1}
    assert bridge.last_refusal
    model.misbehaviour = Misbehaviour.NONE
    assert post(bridge, request("scout")).status_code == 200


def test_after_two_silences_the_next_call_is_refused_at_once(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehaviour = Misbehaviour.STALL
    bridge = make_bridge(limits=QUICK)
    for _ in range(2):
        refused(post(bridge, request("scout")), 504, "timeout_error")
    started = time.monotonic()
    message = refused(post(bridge, request("scout")), 504, "timeout_error")
    assert time.monotonic() - started < 0.4
    assert message == "The model gave no answer: the model fell silent 2 times."
    assert (model.calls, bridge.refusals["upstream"]) == (2, 3)


def test_silence_in_the_middle_of_a_stream_counts_as_one(make_bridge: MakeBridge, model: Model) -> None:
    model.misbehaviour = Misbehaviour.STALL_MIDWAY
    bridge = make_bridge(limits=QUICK)
    for _ in range(2):
        assert "event: error" in post(bridge, request("scout", stream=True)).text
    started = time.monotonic()
    message = refused(post(bridge, request("scout", stream=True)), 504, "timeout_error")
    assert time.monotonic() - started < 0.4
    assert message == "The model gave no answer: the model fell silent 2 times."
    assert (model.calls, bridge.refusals["upstream"]) == (2, 3)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("kind", "may_retry"),
    [
        (Misbehaviour.OVERLOADED, True),
        (Misbehaviour.CUT, True),
        (Misbehaviour.MALFORMED, True),
        (Misbehaviour.STALL, False),
        (Misbehaviour.STALL_MIDWAY, False),
    ],
)
def test_failure_of_the_last_call_is_known_until_one_is_answered(
    make_bridge: MakeBridge, model: Model, kind: Misbehaviour, may_retry: bool, stream: bool
) -> None:
    bridge = make_bridge(limits=QUICK if not may_retry else None)
    model.misbehaviour = kind
    post(bridge, request("scout", stream=stream))
    failure = bridge.upstream_failure
    assert failure is not None
    assert (failure.kind, failure.detail, failure.may_retry) == ("upstream", bridge.last_refusal, may_retry)
    refused(post(bridge, {}), 400, "invalid_request_error")  # It was not put to the model.
    assert bridge.upstream_failure is failure
    model.misbehaviour = Misbehaviour.NONE
    assert post(bridge, request("scout", stream=stream)).status_code == 200
    assert bridge.upstream_failure is None


def test_before_the_first_call_there_is_no_failure(make_bridge: MakeBridge) -> None:
    bridge = make_bridge()
    post(bridge, {})
    assert bridge.upstream_failure is None


def test_engine_that_hangs_up_leaves_the_failure_before_as_it_was(make_bridge: MakeBridge, model: Model) -> None:
    bridge = make_bridge()
    model.misbehaviour = Misbehaviour.ERROR_500
    post(bridge, request("scout"))
    model.misbehaviour = Misbehaviour.STALL_MIDWAY
    body = request("scout", stream=True)
    with httpx.stream("POST", f"{bridge.url}/v1/messages", json=body, headers=HEADERS) as answer:
        next(answer.iter_raw())
    bridge.__exit__(None, None, None)
    assert bridge.usage.calls == 1
    assert bridge.upstream_failure is not None
    assert bridge.upstream_failure.detail == "HTTP 500"


@pytest.mark.parametrize("kind", [Misbehaviour.STALL_MIDWAY, Misbehaviour.CUT, Misbehaviour.MALFORMED])
def test_stream_that_breaks_off_ends_with_an_error_event(
    make_bridge: MakeBridge, model: Model, kind: Misbehaviour
) -> None:
    model.misbehaviour = kind
    bridge = make_bridge(limits=QUICK if kind is Misbehaviour.STALL_MIDWAY else None)
    text = post(bridge, request("scout", stream=True)).text
    [(name, error)] = events(text[text.rindex("event: error") :])
    assert name == "error"
    assert error["error"]["type"] in ("timeout_error", "api_error")
    assert dict(bridge.refusals) == {"upstream": 1}
    assert bridge.usage.calls == 1


def test_error_that_the_model_streams_is_passed_on_once(make_bridge: MakeBridge) -> None:
    event = b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}\n\n'
    with Canned(SSE, event) as upstream:
        bridge = make_bridge(endpoint=upstream.url)
        assert post(bridge, request("scout", stream=True)).content == event
    assert dict(bridge.refusals) == {"upstream": 1}


def test_dead_port_is_reported_at_once(make_bridge: MakeBridge) -> None:
    bridge = make_bridge(endpoint=f"http://127.0.0.1:{closed_port()}")
    started = time.monotonic()
    message = refused(post(bridge, request("scout", stream=True)), 502, "api_error")
    assert time.monotonic() - started < 1
    assert message == "The model gave no answer: the model could not be reached."


@pytest.mark.parametrize("raw", [b"SSH-2.0-hush\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhush"])
def test_what_is_no_http_is_an_upstream_error(make_bridge: MakeBridge, raw: bytes) -> None:
    with Canned(raw) as upstream:
        answer = post(make_bridge(endpoint=upstream.url), request("scout"))
    refused(answer, 502, "api_error")
    assert "hush" not in answer.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 418, 500, 503])
def test_an_errors_own_words_and_headers_stay_out(make_bridge: MakeBridge, lines: list[str], status: int) -> None:
    echo = json.dumps({"message": f"signature of {KEY} with x-amz-security-token:{SESSION_TOKEN}"}).encode()
    headers = [b"x-amzn-errortype: AccessDeniedException:http://hush/", b"x-echo: hush"]
    with Canned(answer(status, echo, headers)) as upstream:
        bridge = make_bridge(endpoint=upstream.url)
        reply = post(bridge, request("scout"))
        assert SESSION_TOKEN.encode() in upstream.requests[0]
    assert reply.status_code == (400 if status == 418 else status)
    assert "hush" not in reply.text + str(reply.headers)
    assert bridge.last_refusal == f"HTTP {status} AccessDeniedException"


def test_without_credentials_nothing_is_sent(
    make_bridge: MakeBridge, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    reset_clients()
    assert "no AWS credentials" in refused(post(make_bridge(), request("scout")), 502, "api_error")
    assert model.calls == 0


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
