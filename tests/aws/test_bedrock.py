"""Requests to Bedrock's Anthropic endpoint: signed with the credentials of now."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from openclaw_site.aws.bedrock import MESSAGES_PATH, messages_endpoint, signed_headers
from openclaw_site.aws.clients import reset_clients
from openclaw_site.aws.errors import CredentialsMissing
from openclaw_site.devstack.model.signature import refusal

URL = messages_endpoint("eu-central-1") + MESSAGES_PATH
BODY = b'{"model": "x"}'


def signed(body: bytes = BODY) -> dict[str, str]:
    headers = signed_headers(url=URL, body=body, headers={"content-type": "application/json"}, region="eu-central-1")
    return {name.lower(): value for name, value in headers.items()} | {
        "host": "bedrock-runtime.eu-central-1.amazonaws.com"
    }


def is_refused(headers: dict[str, str], body: bytes = BODY, **secrets: str) -> str | None:
    return refusal(method="POST", url=URL, headers=headers, body=body, secrets=secrets)


def test_the_signature_is_good_for_this_body_and_service_only() -> None:
    headers = signed()
    assert "/eu-central-1/bedrock/aws4_request" in headers["authorization"]
    assert headers["content-type"] == "application/json"
    assert is_refused(headers, testing="testing") is None
    assert is_refused(headers, testing="another") is not None
    assert is_refused(headers, body=b"{}", testing="testing") is not None


def test_without_credentials_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    reset_clients()
    with pytest.raises(CredentialsMissing, match="no usable AWS credentials"):
        signed()


@pytest.fixture
def task_role(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A container's credentials endpoint whose keys are always about to expire; the keys that it gave out."""
    given: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given.append(f"AKID{len(given)}")
            expires = (datetime.now(UTC) + timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
            document = {"AccessKeyId": given[-1], "SecretAccessKey": "s", "Token": "t", "Expiration": expires}
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_address[1]}/keys")
    reset_clients()
    yield given
    server.shutdown()
    server.server_close()


def test_the_task_roles_keys_are_renewed_before_they_expire(task_role: list[str]) -> None:
    first, second = signed(), signed()
    assert first["x-amz-security-token"] == "t"
    assert len(task_role) >= 2
    assert f"Credential={task_role[-1]}/" in second["authorization"]
    assert first["authorization"] != second["authorization"]
