"""The supervisor's environment is closed to processes of its own user."""

import os
import subprocess
import sys

import pytest

CODE = """
import os, subprocess, sys
{harden}
if os.geteuid() == 0:
    os.setresgid(65530, 65530, 65530); os.setresuid(65530, 65530, 65530)
{again}
print(subprocess.run(["cat", f"/proc/{{os.getpid()}}/environ"], capture_output=True).returncode)
print(open("/proc/self/status").read().split("NoNewPrivs:")[1].split()[0])
"""


def outcome(harden):
    code = CODE.format(harden="from agents.runtime.engine.hardening import harden_supervisor", again=harden)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_another_process_of_our_user_can_not_read_our_environment():
    assert outcome("harden_supervisor()") == ["1", "1"]
    if os.geteuid() != 0:  # what a change of user does by itself
        assert outcome("") == ["0", "0"]
