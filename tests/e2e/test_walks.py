"""A new company and the staff, each with a browser: from the front page to a closed account."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import needs_chromium

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [needs_chromium, pytest.mark.e2e, pytest.mark.timeout(400)]


def test_a_company_signs_up_works_and_leaves_and_staff_see_it(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.e2e.walks", str(tmp_path / "all"), str(report)],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=380,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    seen = json.loads(report.read_text())
    assert seen["lost"] == ""

    assert seen["work"]["leads"] >= 1
    assert "Approved by jonas@fernweh-travel.example" in seen["work"]["approved"]
    assert "Leads" in seen["colleague"]
    assert seen["staff"]["codes"] == 10
    assert "Resumed" in seen["staff"]["resumed"]
    assert "Fernweh Travel" in seen["staff"]["subscriptions"]
    assert seen["host_after"] == 410

    # Nothing serious for anybody, on a phone and on a desk.
    assert seen["found"] == {}
    assert len(seen["looked"]) >= 30
