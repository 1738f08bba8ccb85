"""The main job, from an empty state folder to two active customers, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
STEPS = ["schema", "database_role", "storage_prefix", "iam_role", "gmail_secret", "agents", "proof_of_life"]


@pytest.mark.e2e
def test_demo_once_proves_the_main_job_and_leaves_no_process(tmp_path: Path) -> None:
    report_file = tmp_path / "out.json"
    state_dir = tmp_path / "state"
    command = [sys.executable, "manage.py", "demo", "--once", "--json", str(report_file), "--state-dir", str(state_dir)]
    inherited = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=inherited, capture_output=True, text=True, timeout=240)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    report = json.loads(report_file.read_text())
    assert [customer["name"] for customer in report["customers"]] == ["Harborline Roofing", "Fernweh Travel"]
    for customer in report["customers"]:
        assert [(step["name"], step["state"]) for step in customer["steps"]] == [(name, "done") for name in STEPS]
        assert {task["role"] for task in customer["tasks"] if task["exit_code"] == 0} == {"butler", "scout", "writer"}
        assert customer["rows"]["inbox_messages"] >= 12
        assert set(customer["rows_in_other_context"].values()) == {0}
        assert customer["other_role_refused"] is True
    assert not list(_processes_mentioning(str(state_dir)))


def _processes_mentioning(text: str) -> list[str]:
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if text in line:
            found.append(line)
    return found
