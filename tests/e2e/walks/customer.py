"""The customer's walk: from the front page to a closed account."""

import time
from typing import Any

from openclaw_site.demo.walk import DemoCustomer
from tests.e2e.walks.walker import Walker

PASSWORD = "several words that nobody guesses"


def sign_up(walker: Walker, public: str, company: DemoCustomer) -> dict[str, Any]:
    """The company signs up, confirms its address, and connects Gmail; its pages are open when this returns."""
    page = walker.page
    page.goto(public)
    walker.look("home")
    walker.press("See the prices")
    walker.look("prices")
    walker.press("Choose Team")
    walker.fill(company=company.name, person="Jonas", email=company.email, password=PASSWORD)
    page.locator("[name=subdomain]").press_sequentially("admin")
    page.locator("#subdomain-answer").get_by_text("reserved").or_(
        page.locator("#subdomain-answer").get_by_text("taken")
    ).or_(page.locator("#subdomain-answer").get_by_text("can't")).first.wait_for()
    refused = page.inner_text("#subdomain-answer")
    walker.look("sign-up")
    page.fill("[name=subdomain]", company.subdomain)
    page.get_by_role("button", name="Sign up", exact=True).click()
    walker.sees("Look into your mailbox")
    walker.look("sent")
    page.goto(walker.link_for(company.email, "/sign-up/confirm/"))
    walker.look("confirm")
    walker.press(f"Yes, set up {company.name}")
    begun = time.monotonic()
    walker.sees("Connect Gmail")
    walker.look("progress")
    _connect(walker, company)
    walker.sees(f"{company.name} is ready", seconds=90)
    ready = time.monotonic() - begun
    walker.look("ready")
    walker.press("Open your pages")
    walker.sees("What needs you")
    return {"refused_subdomain": refused, "seconds_to_ready": round(ready, 1), "host": page.url}


def _connect(walker: Walker, company: DemoCustomer) -> None:
    walker.press("Connect Gmail")
    walker.sees("Continue to Google")
    walker.look("connect")
    walker.press("Continue to Google")
    walker.page.locator("form", has_text=company.email).get_by_role("button").first.click()
    walker.sees("Back to your set-up")
    walker.look("connected")
    walker.press("Back to your set-up")


def read_and_approve(walker: Walker) -> dict[str, Any]:
    """A lead is seen, and its draft approved."""
    page = walker.page
    walker.look("overview")
    walker.press("Leads")
    walker.reload_until(lambda: page.locator(".rows .score").count() > 0, "a lead", seconds=150)
    walker.look("leads")
    draft = page.get_by_role("link", name="Decide on the draft")
    walker.reload_until(lambda: draft.count() > 0, "a draft", seconds=150)
    leads = page.locator(".rows .score").count()
    draft.first.click()
    walker.look("draft")
    page.get_by_role("button", name="Approve", exact=True).click()
    walker.sees("Approved by")
    walker.look("approved")
    return {"leads": leads, "approved": walker.text()}


def look_around(walker: Walker) -> None:
    """The other pages, as they are after some minutes."""
    for name in ("Messages", "Briefs", "Activity", "Plan"):
        walker.page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        walker.look(name.lower())


def invite(walker: Walker, colleague: Walker, address: str) -> str:
    """A colleague is invited, joins by the mail's link, sets a password and reads the leads; what they see."""
    walker.press("Settings")
    walker.press("Team")
    walker.fill(email=address)
    walker.press("Send the invitation")
    walker.sees(address)
    walker.look("team")
    colleague.page.goto(colleague.link_for(address, "invitation"))
    colleague.look("invitation")
    colleague.press("Join")
    colleague.look("password")
    fields = colleague.page.locator("input[type=password]")
    for index in range(fields.count()):
        fields.nth(index).fill(PASSWORD)
    colleague.page.locator("main button").first.click()
    colleague.sees("What needs you")
    colleague.press("Leads")
    return colleague.text()


def close(walker: Walker, company: DemoCustomer) -> str:
    """The account is closed by its owner; what the host says then."""
    walker.press("Settings")
    walker.press("Data and account")
    walker.look("account")
    walker.press("Close my account …")
    walker.look("close")
    walker.fill(subdomain="something else")
    walker.press("Close the account for good")
    walker.sees("type")
    walker.fill(subdomain=company.subdomain)
    walker.press("Close the account for good")
    walker.sees("clos")
    walker.look("closed")
    return walker.text()
