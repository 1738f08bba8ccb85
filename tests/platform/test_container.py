"""The agent's container as its image wants to be run: three capabilities, and a root that nobody can write to."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from openclaw_site.devstack import node
from tests.platform.images import ROOT
from tests.runtime.engine.conftest import FAKE

CAPABILITIES = "-all,+setuid,+setgid,+kill"
NOT_HERE = 77
TURN = (
    "import sys; from tests.runtime.engine.conftest import settings_for, turn\n"
    "print(turn(settings_for(sys.argv[1]), prompt='[]').final)"
)


@pytest.fixture
def tmp():
    """An empty folder that the container has as its /tmp."""
    folder = Path(tempfile.mkdtemp(prefix="openclaw-container-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def contained(tmp, *command):
    """Runs a command in a mount namespace whose root is read-only but for `tmp`, without other capabilities."""
    probe = tmp.with_name(f"{tmp.name}-probe")
    script = (
        f"mount --make-rprivate / && mount -t tmpfs -o mode=1777 tmpfs {tmp} && mount -o remount,ro,bind / "
        f"&& ! touch {probe} 2>/dev/null || exit {NOT_HERE}\n"
        f"exec setpriv --bounding-set={CAPABILITIES} {shlex.join(command)}"
    )
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make such a place")
def test_an_engine_runs_as_another_user_with_three_capabilities_on_a_read_only_root(tmp):
    engine = shlex.join([str(node.node()), str(FAKE), "report"])
    done = contained(tmp, sys.executable, "-c", TURN, engine)
    if done.returncode in (NOT_HERE, 127) or "unshare failed" in done.stderr:
        pytest.skip("this machine does not let us make such a place")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["folder"].startswith(str(tmp))
    assert (seen["status"]["CapEff"], seen["status"]["CapBnd"]) == ("0" * 16, f"{'0' * 14}e0")
    assert seen["uid"] not in (0, os.getuid())
    assert list(tmp.iterdir()) == []  # it was the namespace's own
