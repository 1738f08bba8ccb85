"""`python -m tests.e2e.walks FOLDER REPORT`: both walks on a stack of their own; what was seen is written as JSON.

A process of its own, since the emulated AWS's state is global to one.
"""

import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from openclaw_site.demo.stack import Stack
from openclaw_site.demo.walk import DEMO_CUSTOMERS
from openclaw_site.devstack.ports import Ports
from openclaw_site.devstack.world import World
from tests.browser import launch
from tests.e2e.walks import customer, staff
from tests.e2e.walks.walker import Walker
from tests.engines import quick_engine_command

COMPANY = DEMO_CUSTOMERS[1]
COLLEAGUE = "ben@fernweh-travel.example"
CLOSING_SECONDS = 60


class QuickStack(Stack):
    """The whole product, with the stand-in of the engine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Ports.free(web=None), lambda line: None)
        self.world = World(folder, self.world.ports, engine_command=quick_engine_command())


def main(folder: Path, report: Path) -> None:
    """Walk; the report is written also when a walk gets lost."""
    seen: dict[str, Any] = {"lost": ""}
    shots = report.parent / "shots"
    shots.mkdir(parents=True, exist_ok=True)
    with QuickStack(folder / "world") as stack, sync_playwright() as playwright:
        browser = launch(playwright)
        mail = stack.world.state_dir / "mail"
        owner, colleague, boss = (Walker(browser, mail, shots) for _ in range(3))
        try:
            seen["sign_up"] = customer.sign_up(owner, stack.world.environment()["PUBLIC_BASE_URL"], COMPANY)
            seen["work"] = customer.read_and_approve(owner)
            customer.look_around(owner)
            seen["colleague"] = customer.invite(owner, colleague, COLLEAGUE)
            seen["staff"] = staff.day(boss, stack.admin_url(), stack.staff_password, COMPANY)
            seen["closed"] = customer.close(owner, COMPANY)
            seen["host_after"] = _status_at_last(seen["sign_up"]["host"])
        except Exception:  # The test shows where, with what was seen so far.
            seen["lost"] = traceback.format_exc()
        seen["looked"] = [name for walker in (owner, colleague, boss) for name in walker.looked]
        seen["found"] = {**owner.found, **colleague.found, **boss.found}
        browser.close()
    report.write_text(json.dumps(seen, indent=2))


def _status_at_last(address: str) -> int:
    """How the customer's host answers a stranger once the account is closed, which takes some seconds."""
    url = httpx.URL(address)
    end = time.monotonic() + CLOSING_SECONDS
    while True:
        # Names below localhost are the browser's to resolve, not every library's.
        status = httpx.get(url.copy_with(host="127.0.0.1"), headers={"Host": url.netloc.decode()}).status_code
        if status == httpx.codes.GONE or time.monotonic() > end:
            return status
        time.sleep(0.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
