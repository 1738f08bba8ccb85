"""The main job, from an empty state folder to two active customers with leads and drafts, run as a user runs it.

With the real engine: seven turns of some ten seconds, two at a time.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.runtime.engine import VERSION
from openclaw_site.demo.changed_mail import WISH

ROOT = Path(__file__).resolve().parent.parent.parent
LEADS = [
    {
        "daniel.okafor@okafor-lettings.example",
        "m.lindqvist@saltmarsh-primary.example",
        "tombaines71@mailpost.example",
        "helen@achterberg-architects.example",
        "sunil.grant@pelican-nursery.example",
        "joanna@whitcombe-estates.example",
    },
    {
        "aylin.demir@nordlicht-optik.example",
        "geoffrey.tan@mailpost.example",
        "p.vogelsang@gymnasium-am-deich.example",
        "w.oyelaran@oyelaran-holdings.example",
        "kenji@sato-ceramics.example",
    },
]
STEPS = ["schema", "database_role", "storage_prefix", "iam_role", "gmail_secret", "agents", "proof_of_life"]


@pytest.mark.e2e
def test_demo_once_proves_the_main_job_and_leaves_no_process(tmp_path: Path) -> None:
    report_file = tmp_path / "out.json"
    state_dir = tmp_path / "state"
    command = [sys.executable, "manage.py", "demo", "--once", "--json", str(report_file), "--state-dir", str(state_dir)]
    inherited = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=inherited, capture_output=True, text=True, timeout=420)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    report = json.loads(report_file.read_text())
    assert [customer["name"] for customer in report["customers"]] == ["Harborline Roofing", "Fernweh Travel"]
    for customer in report["customers"]:
        assert [(step["name"], step["state"]) for step in customer["steps"]] == [(name, "done") for name in STEPS]
        assert {task["role"] for task in customer["tasks"] if task["exit_code"] == 0} == {"butler", "scout", "writer"}
        assert customer["rows"]["inbox_messages"] >= 12
        assert set(customer["rows_in_other_context"].values()) == {0}
        assert customer["other_role_refused"] is True
        assert customer["engine"]["version"] == VERSION
        assert customer["engine"]["turns"] >= 3
        assert {draft["recipient"] for draft in customer["drafts"]} == {lead["email"] for lead in customer["leads"]}
    found = [{lead["email"] for lead in customer["leads"]} for customer in report["customers"]]
    assert found == LEADS
    changed = report["changed_mail"]
    assert changed["before"]["email"] == changed["after"]["email"]
    assert WISH in changed["after"]["intent"]
    assert WISH not in changed["before"]["intent"]
    assert not list(_processes_mentioning(str(state_dir)))


def _processes_mentioning(text: str) -> list[str]:
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if text in line:
            found.append(line)
    return found
