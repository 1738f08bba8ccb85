"""The agents' own clients, through the real proxy."""

import os
import re
from dataclasses import replace
from typing import Any

import pytest

from agents.runtime.bridge.upstream import BedrockUpstream, UpstreamFailed
from agents.runtime.egress import EgressProxy
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.gmail.mailbox import Mailbox
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience
from agents.runtime.secret import GmailSecret
from tests.platform.egress.proxy import ALLOWED, HAS_SQUID, OTHER, TOKEN, Wall

pytestmark = pytest.mark.skipif(
    not HAS_SQUID and not os.environ.get("CI"), reason="squid is not installed (apt-get install squid)"
)


def mailbox(wall: Wall, host: str, proxy: EgressProxy | None, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setattr("httplib2.CA_CERTS", str(wall.certificate))
    origin = f"https://{host}:{wall.tls_port}"
    secret = GmailSecret("refresh", f"{origin}/token", "client", "secret")
    return Mailbox(secret=secret, address="a@b.example", endpoint=origin, meter=Meter(), proxy=proxy)


def impatient() -> Patience:
    return Patience(pause=lambda seconds: None, budget_seconds=0)


def test_gmails_client_goes_through_it(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    box = mailbox(wall, ALLOWED, wall.proxy, monkeypatch)
    assert box.history_id(impatient()) == "7"
    box.close()


@pytest.mark.parametrize(
    ("host", "changes", "says"),
    [
        (OTHER, {}, "the egress proxy refused (403)"),
        (ALLOWED, {"token": "wrong"}, "the egress proxy refused (407)"),
        (ALLOWED, {"port": 1}, "the egress proxy could not be reached"),
        (ALLOWED, {"host": "egress.invalid"}, "the egress proxy's name is not found"),
    ],
)
def test_gmails_client_says_what_the_proxy_did(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, host: str, changes: dict[str, Any], says: str
) -> None:
    box = mailbox(wall, host, replace(wall.proxy, **changes), monkeypatch)
    with pytest.raises(Failure, match=re.escape(says)) as failure:
        box.history_id(impatient())
    assert failure.value.exit is Exit.GMAIL_UNREACHABLE
    assert TOKEN not in str(failure.value)
    box.close()


def test_the_models_client_goes_through_it(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(wall.certificate))
    upstream = BedrockUpstream("eu-central-1", f"https://{ALLOWED}:{wall.tls_port}", proxy=wall.proxy)
    with upstream.post(b"{}") as answer:
        assert answer.status == 200
    upstream.close()


def test_the_models_client_says_that_the_proxy_refused(wall: Wall) -> None:
    upstream = BedrockUpstream("eu-central-1", f"https://{OTHER}:{wall.tls_port}", proxy=wall.proxy)
    with pytest.raises(UpstreamFailed, match="egress proxy refused"), upstream.post(b"{}"):
        pass
    upstream.close()


def test_the_models_client_says_that_the_proxy_is_away(wall: Wall) -> None:
    away = replace(wall.proxy, port=1)
    upstream = BedrockUpstream("eu-central-1", f"https://{ALLOWED}:{wall.tls_port}", proxy=away)
    with pytest.raises(UpstreamFailed, match="could not be reached by the egress proxy"), upstream.post(b"{}"):
        pass
    upstream.close()
