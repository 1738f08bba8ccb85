"""The egress wall with the real proxy: what passes, what does not, and what it keeps of the token."""

import base64
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from tests.platform.egress.proxy import (
    ALLOWED,
    HAS_SQUID,
    IMAGE,
    OTHER,
    PROGRAMS,
    REBOUND,
    TOKEN,
    Wall,
    ask,
    proxy_running,
    say,
)

KNOWN = "Proxy-Authorization: Basic " + base64.b64encode(f"agent:{TOKEN}".encode()).decode()
# Loopback, the VPC's kinds of networks, both metadata services, and the same in IPv6.
INSIDE = (
    *("127.0.0.1", "10.9.8.7", "172.31.0.2", "192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.170.2"),
    *("0.0.0.0", "224.0.0.1", "::1", "fd00:ec2::254", "fe80::1", "::ffff:10.9.8.7", "64:ff9b::a09:807"),
)

pytestmark = pytest.mark.skipif(
    not HAS_SQUID and not os.environ.get("CI"), reason="squid is not installed (apt-get install squid)"
)


def test_an_allowed_host_passes(wall: Wall) -> None:
    assert ask(wall, f"https://{ALLOWED}:{wall.tls_port}/") == 200


@pytest.mark.parametrize(
    "host",
    [OTHER, f"sub.{ALLOWED}", "allowed.example", f"{ALLOWED}.evil.example", "127.0.0.1", "2130706433", "0x7f000001"],
)
def test_another_name_or_a_raw_address_does_not(wall: Wall, host: str) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        ask(wall, f"https://{host}:{wall.tls_port}/")


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "127.1", "017700000001"])
def test_an_address_in_another_form_does_not(wall: Wall, host: str) -> None:
    assert say(wall, f"CONNECT {host}:{wall.tls_port} HTTP/1.1\r\n{KNOWN}") == b"HTTP/1.1 403"


@pytest.mark.parametrize(
    "request_line",
    [
        "CONNECT {other} HTTP/1.1\r\nHost: {allowed}",
        "CONNECT {allowed_host}@{other} HTTP/1.1",
        "CONNECT {other}@{allowed} HTTP/1.1",
        "CONNECT {other}#{allowed} HTTP/1.1",
        "CONNECT {allowed_host}%00.{other} HTTP/1.1",
        "CONNECT {allowed_host} HTTP/1.1",
        "GET https://{allowed}/ HTTP/1.1",
        "PURGE http://{allowed}/ HTTP/1.1",
        "GET cache_object://localhost/info HTTP/1.1",
        "GET /squid-internal-mgr/info HTTP/1.1\r\nHost: 127.0.0.1",
    ],
)
def test_a_request_that_looks_like_an_allowed_one_does_not(wall: Wall, request_line: str) -> None:
    allowed, other = f"{ALLOWED}:{wall.tls_port}", f"{OTHER}:{wall.tls_port}"
    asked = request_line.format(allowed=allowed, other=other, allowed_host=ALLOWED)
    assert say(wall, f"{asked}\r\n{KNOWN}") == b"HTTP/1.1 403"
    assert say(wall, f"CONNECT {allowed} HTTP/1.1\r\n{KNOWN}") == b"HTTP/1.1 200"


def test_a_name_that_leads_inside_does_not(wall: Wall) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        ask(wall, f"https://{REBOUND}:{wall.tls_port}/")


def test_by_default_no_name_leads_inside(outside: tuple[int, Path]) -> None:
    names = {f"name{number}.example": address for number, address in enumerate(INSIDE)}
    with proxy_running(*outside, names, EGRESS_ALLOWED_HOSTS=",".join(names)) as wall:
        answers = {names[name]: say(wall, f"CONNECT {name}:{wall.tls_port} HTTP/1.1\r\n{KNOWN}") for name in names}
        assert {address for address, answer in answers.items() if answer != b"HTTP/1.1 403"} == set()


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
    # A scheme that the proxy does not know: it would complain by quoting it.
    line = f"CONNECT {ALLOWED}:{wall.tls_port} HTTP/1.1\r\nProxy-Authorization: "
    assert say(wall, f"{line}Bearer {TOKEN}") == b"HTTP/1.1 407"
    time.sleep(0.5)
    log = wall.log.read_text()
    assert f"CONNECT {ALLOWED}:{wall.tls_port}" in log
    assert TOKEN not in log
    assert "hidden" not in log


def told(wall: Wall) -> list[str]:
    """The log's lines, but for the one with which Squid ends its start, some seconds later."""
    return [line for line in wall.log.read_text().splitlines() if "storeLateRelease" not in line]


def test_a_health_check_passes_and_leaves_the_log_alone(wall: Wall) -> None:
    before = told(wall)
    for port, code in ((wall.proxy.port, 0), (1, 1)):
        done = subprocess.run(
            [IMAGE / "healthy"], env={"PATH": PROGRAMS, "EGRESS_PORT": str(port)}, capture_output=True, check=False
        )
        assert done.returncode == code
    time.sleep(0.5)
    assert told(wall) == before


def test_the_proxy_keeps_a_hash_of_the_token_and_nothing_else(wall: Wall) -> None:
    for file in wall.state.iterdir():
        if file.is_file():
            assert TOKEN not in file.read_text(), file.name
            assert file.stat().st_mode & 0o077 == 0, file.name
    family = [psutil.Process(wall.process.pid), *psutil.Process(wall.process.pid).children(recursive=True)]
    assert {"cat", "squid"} <= {one.name() for one in family}
    for one in family:
        assert TOKEN not in " ".join(one.cmdline())
        assert TOKEN not in str(one.environ())


@pytest.mark.parametrize("missing", ["EGRESS_TOKEN", "EGRESS_ALLOWED_HOSTS"])
def test_without_a_token_or_hosts_it_does_not_start(tmp_path: Path, missing: str) -> None:
    environ = {"EGRESS_FOLDER": str(tmp_path), "EGRESS_TOKEN": TOKEN, "EGRESS_ALLOWED_HOSTS": ALLOWED, missing: ""}
    done = subprocess.run(
        ["sh", IMAGE / "start"], env={"PATH": PROGRAMS, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert missing in done.stderr
