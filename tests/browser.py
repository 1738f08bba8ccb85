"""A real browser: Debian's Chromium, driven by Playwright, with axe for what a page asks of people."""

import os
import shutil
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
# Skips where there is none, and says so; with CI set the test runs, and fails.
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="chromium is not installed (apt-get install chromium)"
)


def launch(playwright: Any) -> Any:
    """The browser, without a window."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )


def troubles(page: Any) -> list[str]:
    """What axe calls serious or critical, and a page that is wider than the window."""
    from axe_playwright_python.sync_playwright import Axe

    found = [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *(["runs over"] if wide else [])]
