"""Companies that come to be by keyboard, without scripts and by the staff: from the front page to a closed account."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import needs_chromium

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [needs_chromium, pytest.mark.e2e, pytest.mark.timeout(400)]


def test_companies_come_to_be_work_and_leave_by_keyboard_without_scripts_and_by_the_staff(tmp_path: Path) -> None:
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

    # By keyboard alone: to an approved draft, with the focus seen at every stop, on what is wrong, and past the menu.
    assert "Approved by jonas@fernweh-travel.example" in seen["typed"]["approved"]
    assert seen["typed_refused"] == {"text": "“admin” is reserved. Choose another subdomain.", "focus": "subdomain"}
    assert seen["unseen"] == []
    assert {name: stops[0] for name, stops in seen["tours"].items()} == {
        **dict.fromkeys(("draft", "home", "sign-up", "overview"), "Skip to the content"),
        "skipped": "main",
    }
    assert {"company", "subdomain", "person", "email", "password", "plan"} < set(seen["tours"]["sign-up"])
    assert "Leads" in seen["colleague"]
    assert "Payment Card, every month" in seen["card"]

    # Without JavaScript.
    plain = seen["plain"]
    assert seen["plain_refused"] == seen["typed_refused"]
    assert "do not belong together" in plain["focus"]
    assert "Approved by olivia@harborline-roofing.example" in plain["work"]["approved"]
    scores = [int(score) for score in plain["leads"]["all"]]
    assert scores == sorted(scores, reverse=True)
    filtered = [int(score) for score in plain["leads"]["filtered"]]
    assert sorted(filtered, reverse=True) == [score for score in scores if score >= 60] != scores
    assert plain["leads"]["csv"].count("@") >= len(filtered)
    assert "Starter, $199.00 a month" in plain["plan"]
    assert "Payment Card, every month" in plain["card"]

    # By the staff.
    assert seen["codes"] == 10
    assert seen["onboarding"]["focus"] == "slug"
    assert "“admin” is reserved" in seen["onboarding"]["refused"]
    assert "Gmail: Connected ines@lumen-bikes.example" in seen["onboarded"]
    assert "Resumed" in seen["staff"]["resumed"]
    for company in ("Fernweh Travel", "Harborline Roofing", "Lumen Bikes"):
        assert company in seen["staff"]["subscriptions"]
    assert seen["host_after"] == 410

    # Nothing serious for anybody, on a phone and on a desk.
    assert seen["found"] == {}
    assert len(seen["looked"]) >= 30
