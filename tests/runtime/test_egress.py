"""The way out: its variables, and that the token stays with the supervisor."""

import os
import subprocess
import sys

import pytest

from agents.runtime.config import ConfigError
from agents.runtime.egress import EgressProxy, forget_token, read_egress

TOKEN = "the-word-that-only-the-supervisor-knows"
GIVEN = {"EGRESS_PROXY": "http://egress.openclaw-production.internal:3128", "EGRESS_TOKEN": TOKEN}


def test_without_a_proxy_there_is_no_wall() -> None:
    assert read_egress({}) is None
    assert read_egress({"EGRESS_TOKEN": TOKEN, "EGRESS_MODEL": "nonsense"}) is None


def test_a_proxy_is_read_with_its_token() -> None:
    host = "egress.openclaw-production.internal"
    assert read_egress(GIVEN) == EgressProxy(host, 3128, False, TOKEN)
    assert read_egress({**GIVEN, "EGRESS_MODEL": "proxy"}) == EgressProxy(host, 3128, True, TOKEN)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"EGRESS_PROXY": "egress:3128"}, "EGRESS_PROXY must be http://host:port"),
        ({"EGRESS_PROXY": "http://egress"}, "EGRESS_PROXY must be http://host:port"),
        ({"EGRESS_PROXY": "http://egress:99999"}, "EGRESS_PROXY must be http://host:port"),
        ({"EGRESS_PROXY": "http://me:word@egress:3128"}, "EGRESS_PROXY must be http://host:port"),
        ({"EGRESS_TOKEN": " "}, "EGRESS_TOKEN is missing"),
        ({"EGRESS_MODEL": "maybe"}, "EGRESS_MODEL must be proxy or direct"),
    ],
)
def test_what_can_not_be_used_is_named_and_never_shown(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_egress({**GIVEN, **wrong})
    assert error.value.problems == [says]
    assert TOKEN not in str(error.value)


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(read_egress(GIVEN))


def test_the_token_leaves_the_environment() -> None:
    environ = dict(GIVEN)
    forget_token(environ)
    forget_token(environ)
    assert environ == {"EGRESS_PROXY": GIVEN["EGRESS_PROXY"]}


def test_the_supervisor_forgets_it_even_when_it_can_not_start() -> None:
    program = (
        "import os, agents.runtime.__main__ as main\n"
        "assert main.main() != 0\n"
        "assert 'EGRESS_TOKEN' not in os.environ\n"
        "print('forgotten')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], **GIVEN, "EGRESS_MODEL": "maybe"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip().endswith("forgotten"), done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
