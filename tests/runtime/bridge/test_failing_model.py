"""What the bridge says when the model fails: soon, clearly and without a secret."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from openclaw_site.aws.clients import reset_clients
from openclaw_site.devstack.model import Misbehaviour, Model
from tests.aws.faults import closed_port
from tests.devstack.engine import events, request
from tests.runtime.bridge.canned import SSE, Canned, answer
from tests.runtime.bridge.conftest import HEADERS, KEY, QUICK, SESSION_TOKEN, MakeBridge, post
from tests.runtime.bridge.refusals import refused


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
