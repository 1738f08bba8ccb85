"""A supervised process can be started, measured, stopped and started again, and never leaves a child."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from openclaw_site.devstack.errors import DevstackError
from openclaw_site.devstack.ledger import Ledger
from openclaw_site.devstack.processes import Child
from openclaw_site.devstack.proctable import born_at

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def make_child(tmp_path: Path, program: str, ledger: Ledger | None = None) -> Child:
    command = [sys.executable, "-c", program]
    return Child("program", command, env={"A": "1"}, cwd=tmp_path, log=tmp_path / "log", ledger=ledger)


def said(child: Child) -> str:
    """Its first line."""
    deadline = time.monotonic() + 10
    while not child.log_tail():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return child.log_tail()


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while born_at(pid) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_stubborn_process_is_killed_with_its_children_after_the_grace(tmp_path: Path) -> None:
    child = make_child(tmp_path, STUBBORN)
    child.start()
    grandchild = int(said(child))
    assert child.rss_mib() > 5
    begun = time.monotonic()
    child.stop(grace_seconds=0.3)
    assert time.monotonic() - begun < 2
    assert child.returncode == -signal.SIGKILL
    assert gone(grandchild)
    assert child.rss_mib() == 0


def test_obedient_process_leaves_no_orphan_either(tmp_path: Path) -> None:
    child = make_child(tmp_path, STUBBORN.replace("signal.SIG_IGN", "lambda *_: sys.exit(0)"))
    child.start()
    grandchild = int(said(child))
    child.stop()
    assert child.returncode == 0
    assert gone(grandchild)


def test_it_can_be_started_again(tmp_path: Path) -> None:
    child = make_child(tmp_path, "print('hello')")
    for _ in range(2):
        child.start()
        assert child.wait(timeout_seconds=10) == 0
    assert child.log_tail() == "hello\nhello"


def test_process_that_ends_while_starting_is_told_with_its_last_words(tmp_path: Path) -> None:
    child = make_child(tmp_path, "raise SystemExit('no such table')")
    child.start()
    with pytest.raises(DevstackError, match="ended with code 1 while starting:\nno such table"):
        child.wait_until(lambda: False, timeout_seconds=10)


def test_environment_is_only_what_was_given(tmp_path: Path) -> None:
    child = make_child(tmp_path, "import os; print(sorted(os.environ))")
    child.start()
    child.wait(timeout_seconds=10)
    assert "'A'" in said(child)
    assert "PATH" not in said(child)


def test_leftovers_of_a_crash_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "processes.json")
    child = make_child(tmp_path, "import time; time.sleep(60)", ledger)
    child.start()
    assert child.pid is not None
    stranger = os.getpid()
    (tmp_path / "processes.json").write_text(
        f'{{"{child.pid}": {born_at(child.pid)}, "{stranger}": {(born_at(stranger) or 0) - 1000}}}'
    )
    assert Ledger(tmp_path / "processes.json").end_leftovers() == 1
    assert child.wait(timeout_seconds=5) == -signal.SIGKILL
