"""A bridge between a test and the stub model, and a check that no secret and no mail got into its log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from agents.runtime.bridge import BedrockUpstream, Budget, Limits, ModelBridge
from agents.runtime.logging import RuntimeLog
from openclaw_site.aws.clients import reset_clients
from openclaw_site.devstack.model import MODEL_ID, Model
from openclaw_site.devstack.ports import Ports

TOKEN = "bridge-token-hush"
KEY_ID, KEY = "AKIDHUSH", "aws-secret-hush"
SESSION_TOKEN = "session-token-hush"
API_KEY = "sk-ant-hush"
REGION = "eu-central-1"
# For a model that is silent on purpose; one that works may be slow on a busy machine.
QUICK = Limits(connect_seconds=0.5, silence_seconds=0.5)
HEADERS = {"x-api-key": TOKEN, "anthropic-version": "2023-06-01"}
PLENTY = 1_000_000_000

MakeBridge = Callable[..., ModelBridge]


@pytest.fixture(scope="package")
def stub() -> Iterator[Model]:
    model = Model(port=Ports.free(web=None).model, secret_keys={KEY_ID: KEY})
    model.start()
    yield model
    model.stop()


@pytest.fixture
def model(stub: Model, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """The stub model, well-behaved, and credentials that it takes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    reset_clients()
    stub.reset()
    yield stub
    stub.reset()
    reset_clients()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The bridge's log lines; none holds a secret, a header or a word that a test hushed."""
    lines: list[str] = []
    yield lines
    text = "".join(lines).lower()
    assert "hush" not in text
    assert "aws4-hmac" not in text


@pytest.fixture
def make_bridge(model: Model, lines: list[str]) -> Iterator[MakeBridge]:
    """A function that starts a bridge; all have ended after the test."""
    with contextlib.ExitStack() as stack:

        def make(**changes: Any) -> ModelBridge:
            url, limits = changes.pop("endpoint", model.url), changes.pop("limits", None)
            values = {
                "upstream": BedrockUpstream(REGION, url, limits=limits),
                "model": MODEL_ID,
                "budget": Budget(PLENTY),
                "token": TOKEN,
                "log": RuntimeLog(role="scout", tenant="t", write=lines.append),
                **changes,
            }
            return stack.enter_context(ModelBridge(**values))

        yield make


def post(bridge: ModelBridge, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.post(f"{bridge.url}/v1/messages", json=body, headers=headers or HEADERS, timeout=10)
