"""The real proxy, started by the image's own script as a user without rights, and what lies behind it."""

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.runtime.egress import EgressProxy
from openclaw_site.devstack.ports import free_port

IMAGE = Path(__file__).resolve().parents[3] / "terraform" / "modules" / "egress" / "image"
TOKEN = "the-word-that-only-the-supervisor-knows"
ALLOWED, REBOUND, OTHER = "gmail.allowed.example", "rebound.allowed.example", "elsewhere.example"
PROGRAMS = "/usr/sbin:/usr/local/sbin:" + os.environ["PATH"]
HAS_SQUID = shutil.which("squid", path=PROGRAMS) is not None


@dataclass(frozen=True)
class Wall:
    """A running proxy, the TLS port behind it, the certificate that the hosts there show, and what it wrote."""

    proxy: EgressProxy
    tls_port: int
    certificate: Path
    log: Path
    state: Path
    process: "subprocess.Popen[bytes]"


@contextmanager
def proxy_running(tls_port: int, certificate: Path, names: dict[str, str], **environ: str) -> Iterator[Wall]:
    """The proxy, as the image starts it; it knows `names` by their addresses and ends within seconds."""
    folder = Path(tempfile.mkdtemp(prefix="egress-"))
    folder.chmod(0o755)
    hosts, state, log = folder / "hosts", folder / "state", folder / "log"
    hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()))
    hosts.chmod(0o644)
    state.mkdir()
    script = shutil.copy(IMAGE / "start", folder / "start")
    port = free_port(taken={tls_port})
    account = pwd.getpwnam("proxy") if os.geteuid() == 0 else None
    if account:
        os.chown(state, account.pw_uid, account.pw_gid)
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", str(script)],
            env={
                "PATH": PROGRAMS,
                "EGRESS_FOLDER": str(state),
                "EGRESS_TOKEN": TOKEN,
                "EGRESS_PORT": str(port),
                "EGRESS_TLS_PORT": str(tls_port),
                "EGRESS_HOSTS_FILE": str(hosts),
                **environ,
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
            yield Wall(EgressProxy("127.0.0.1", port, True, TOKEN), tls_port, certificate, log, state, process)
        finally:
            process.terminate()
            begun = time.monotonic()
            process.wait(timeout=20)
            shutil.rmtree(folder, ignore_errors=True)
            assert time.monotonic() - begun < 15


def ask(wall: Wall, url: str, proxy: Any = None) -> int:
    """The status of a page behind the wall. Raises httpx.ProxyError when the proxy refuses."""
    context = ssl.create_default_context(cafile=str(wall.certificate))
    with httpx.Client(proxy=proxy or wall.proxy.for_httpx(), verify=context, trust_env=False, timeout=15) as client:
        return client.get(url).status_code


def say(wall: Wall, request: str) -> bytes:
    """The status line of the proxy's answer to a request spelled out by hand, headers and all."""
    with socket.create_connection(("127.0.0.1", wall.proxy.port), timeout=15) as line:
        line.sendall(request.encode() + b"\r\n\r\n")
        return line.recv(12)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for all the names, and its key."""
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
