"""`python -m tests.e2e.walks FOLDER REPORT`: the walks on a stack of their own; what was seen is written as JSON.

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
from openclaw_site.demo.walk import DEMO_CUSTOMERS, DemoCustomer
from openclaw_site.devstack.google import Mail, Mailbox
from openclaw_site.devstack.ports import Ports
from openclaw_site.devstack.world import World
from tests.browser import launch
from tests.e2e.walks import card, customer, plain, staff
from tests.e2e.walks.typist import Typist
from tests.e2e.walks.walker import Walker
from tests.engines import quick_engine_command

PLAIN, TYPED = DEMO_CUSTOMERS
ONBOARDED = DemoCustomer("Lumen Bikes", "lumen", "ines@lumen-bikes.example")
MAIL = Mail(sender="Tom Ash <tom@ash.example>", subject="Two bikes", text="Can we have a quote for two bikes?\n")
CLOSING_SECONDS = 60


class QuickStack(Stack):
    """The whole product, with the stand-in of the engine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Ports.free(web=None), lambda line: None)
        boxes = [Mailbox(ONBOARDED.email, "Ines Lumen", [MAIL])]
        self.world = World(folder, self.world.ports, extra_users=boxes, engine_command=quick_engine_command())


def main(folder: Path, report: Path) -> None:
    """Walk; the report is written also when a walk gets lost."""
    seen: dict[str, Any] = {"lost": ""}
    shots = report.parent / "shots"
    shots.mkdir(parents=True, exist_ok=True)
    with QuickStack(folder / "world") as stack, sync_playwright() as playwright:
        browser = launch(playwright)
        mail = stack.world.state_dir / "mail"
        typist, unscripted = Typist(browser, mail, shots), Walker(browser, mail, shots, script=False)
        colleague, boss = Walker(browser, mail, shots), Walker(browser, mail, shots)
        try:
            _walk(stack, seen, typist, unscripted, colleague, boss)
        except Exception:  # The test shows where, with what was seen so far.
            seen["lost"] = traceback.format_exc()
        people = (typist, unscripted, colleague, boss)
        seen["looked"] = sorted({name for walker in people for name in walker.looked})
        seen["found"] = {name: wrong for walker in people for name, wrong in walker.found.items()}
        seen["unseen"] = typist.unseen
        browser.close()
    report.write_text(json.dumps(seen, indent=2))


def _walk(
    stack: Stack, seen: dict[str, Any], typist: Typist, unscripted: Walker, colleague: Walker, boss: Walker
) -> None:
    """Three customers come to be at the same time: by a script-less browser, by keyboard, and by the staff."""
    public, admin = stack.world.environment()["PUBLIC_BASE_URL"], stack.admin_url()
    seen["plain_refused"] = customer.sign_up(unscripted, public, PLAIN)
    seen["typed_refused"] = customer.sign_up(typist, public, TYPED)
    seen["codes"] = staff.sign_in(boss, admin, stack.staff_password)
    seen["onboarding"] = staff.onboard(boss, admin, ONBOARDED)
    customer.ready(unscripted, PLAIN)
    host = customer.ready(typist, TYPED)
    seen["onboarded"] = staff.active(boss)

    seen["typed"] = customer.read_and_approve(typist)
    seen["tours"] = _tours(typist, public, host)
    customer.look_around(typist)
    seen["card"] = card.pay_by_card(typist)
    customer.invite(typist, f"ben@{TYPED.email.partition('@')[2]}")
    seen["colleague"] = customer.join(colleague, f"ben@{TYPED.email.partition('@')[2]}")
    seen["plain"] = plain.day(unscripted, PLAIN, f"eva@{PLAIN.email.partition('@')[2]}")
    seen["staff"] = staff.day(boss, admin, TYPED)
    seen["closed"] = customer.close(typist, TYPED)
    seen["host_after"] = _status_at_last(host)


def _tours(typist: Typist, public: str, host: str) -> dict[str, list[str]]:
    """Once around some pages by Tab, and past the menu by the first stop."""
    tours = {"draft": typist.tour()}
    for name, address in (("home", public), ("sign-up", f"{public}/sign-up/"), ("overview", host)):
        typist.page.goto(address)
        tours[name] = typist.tour()
    typist.press("Skip to the content")
    tours["skipped"] = [str(typist.page.evaluate("document.activeElement.id"))]
    return tours


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
