"""The egress wall with the real proxy: started by the image's own script, reached by the agents' own clients."""

import base64
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.runtime.bridge.upstream import BedrockUpstream, UpstreamFailed
from agents.runtime.egress import EgressProxy
from agents.runtime.failures import Failure
from agents.runtime.gmail.mailbox import Mailbox
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience
from agents.runtime.secret import GmailSecret
from openclaw_site.devstack.ports import free_port

IMAGE = Path(__file__).resolve().parents[3] / "terraform" / "modules" / "egress" / "image"
TOKEN = "the-word-that-only-the-supervisor-knows"
ALLOWED, REBOUND, OTHER = "gmail.allowed.example", "rebound.allowed.example", "elsewhere.example"
_PATH = "/usr/sbin:/usr/local/sbin:" + os.environ["PATH"]

pytestmark = pytest.mark.skipif(
    shutil.which("squid", path=_PATH) is None and not os.environ.get("CI"),
    reason="squid is not installed (apt-get install squid)",
)


@dataclass(frozen=True)
class Wall:
    """A running proxy, the TLS port behind it, and the certificate that the hosts there show."""

    proxy: EgressProxy
    tls_port: int
    certificate: Path
    log: Path


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A TLS server on loopback that is every host; its port and its certificate."""
    folder = tmp_path_factory.mktemp("outside")
    certificate, key = _certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer()

        def _answer(self) -> None:
            body = b'{"access_token": "t", "expires_in": 3600, "emailAddress": "a@b.example", "historyId": "7"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, certificate
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def wall(outside: tuple[int, Path]) -> Iterator[Wall]:
    """The proxy as the image starts it, as a user without rights."""
    tls_port, certificate = outside
    folder = Path(tempfile.mkdtemp(prefix="egress-"))
    folder.chmod(0o755)
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 {ALLOWED}\n10.9.8.7 {REBOUND}\n127.0.0.1 {OTHER}\n")
    hosts.chmod(0o644)
    script = shutil.copy(IMAGE / "start", folder / "start")
    port, log = free_port(taken={tls_port}), folder / "log"
    account = pwd.getpwnam("proxy") if os.geteuid() == 0 else None
    state = folder / "state"
    state.mkdir()
    if account:
        os.chown(state, account.pw_uid, account.pw_gid)
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", str(script)],
            env={
                "PATH": _PATH,
                "EGRESS_FOLDER": str(state),
                "EGRESS_ALLOWED_HOSTS": f"{ALLOWED},{REBOUND}",
                "EGRESS_TOKEN": TOKEN,
                "EGRESS_PORT": str(port),
                "EGRESS_TLS_PORT": str(tls_port),
                "EGRESS_HOSTS_FILE": str(hosts),
                "EGRESS_DENIED_NETWORKS": "10.0.0.0/8 169.254.0.0/16",
            },
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd=state,
            stdout=output,
            stderr=output,
        )
        try:
            _wait(port, process, log)
            yield Wall(EgressProxy("127.0.0.1", port, True, TOKEN), tls_port, certificate, log)
        finally:
            process.terminate()
            begun = time.monotonic()
            process.wait(timeout=20)
            shutil.rmtree(folder, ignore_errors=True)
            assert time.monotonic() - begun < 15


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _certificate(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outside")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(one) for one in (ALLOWED, REBOUND, OTHER)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def ask(wall: Wall, url: str, proxy: Any = None) -> int:
    """The status of a page behind the wall. Raises httpx.ProxyError when the proxy refuses."""
    context = ssl.create_default_context(cafile=str(wall.certificate))
    with httpx.Client(proxy=proxy or wall.proxy.for_httpx(), verify=context, trust_env=False, timeout=15) as client:
        return client.get(url).status_code


def test_an_allowed_host_passes(wall: Wall) -> None:
    assert ask(wall, f"https://{ALLOWED}:{wall.tls_port}/") == 200


@pytest.mark.parametrize(
    "host",
    [OTHER, f"sub.{ALLOWED}", "allowed.example", f"{ALLOWED}.evil.example", "127.0.0.1", "2130706433", "0x7f000001"],
)
def test_another_name_or_a_raw_address_does_not(wall: Wall, host: str) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        ask(wall, f"https://{host}:{wall.tls_port}/")


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "127.1"])
def test_an_address_in_another_form_does_not(wall: Wall, host: str) -> None:
    known = base64.b64encode(f"agent:{TOKEN}".encode()).decode()
    request = f"CONNECT {host}:{wall.tls_port} HTTP/1.1\r\nProxy-Authorization: Basic {known}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", wall.proxy.port), timeout=15) as line:
        line.sendall(request.encode())
        assert line.recv(12) == b"HTTP/1.1 403"


def test_a_name_that_leads_inside_does_not(wall: Wall) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        ask(wall, f"https://{REBOUND}:{wall.tls_port}/")


def test_another_port_does_not(wall: Wall) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        ask(wall, f"https://{ALLOWED}:22/")


def test_plain_http_does_not(wall: Wall) -> None:
    assert ask(wall, f"http://{ALLOWED}:{wall.tls_port}/") == 403


@pytest.mark.parametrize("token", ["", "wrong", TOKEN.upper(), TOKEN + "x"])
def test_without_the_token_nothing_passes(wall: Wall, token: str) -> None:
    stranger = replace(wall.proxy, token=token)
    with pytest.raises(httpx.ProxyError, match="407"):
        ask(wall, f"https://{ALLOWED}:{wall.tls_port}/", stranger.for_httpx())
    with pytest.raises(httpx.ProxyError, match="407"):
        ask(wall, f"https://{ALLOWED}:{wall.tls_port}/", wall.proxy.url)


def test_the_log_says_what_was_asked_for_and_not_with_what(wall: Wall) -> None:
    ask(wall, f"https://{ALLOWED}:{wall.tls_port}/secret-path?word=hidden")
    time.sleep(0.5)
    log = wall.log.read_text()
    assert f"CONNECT {ALLOWED}:{wall.tls_port}" in log
    assert TOKEN not in log
    assert "hidden" not in log


# -- the agents' own clients ----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("broken", ["host", "token"])
def test_gmails_client_says_that_the_proxy_refused(wall: Wall, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    proxy = replace(wall.proxy, token="wrong") if broken == "token" else wall.proxy
    box = mailbox(wall, OTHER if broken == "host" else ALLOWED, proxy, monkeypatch)
    with pytest.raises(Failure) as failure:
        box.history_id(impatient())
    assert "proxy" in str(failure.value)
    assert TOKEN not in str(failure.value)


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
