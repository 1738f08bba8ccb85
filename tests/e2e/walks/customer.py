"""The customer's walk: from the front page to a closed account."""

from typing import Any

from openclaw_site.demo.walk import DemoCustomer
from tests.e2e.walks.walker import Walker

PASSWORD = "several words that nobody guesses"


def sign_up(walker: Walker, public: str, company: DemoCustomer) -> dict[str, Any]:
    """The company signs up, once with an address that it can't have, confirms its mailbox, and connects Gmail."""
    page = walker.page
    page.goto(public)
    walker.press("See the prices")
    walker.press("Choose Team")
    walker.fill(company=company.name, subdomain="admin", person="Jonas", email=company.email, password=PASSWORD)
    if walker.script:
        page.locator("#subdomain-answer").get_by_text("reserved").wait_for()
    walker.send()
    page.locator("#id_subdomain_error").wait_for()
    refused = {"text": page.inner_text("#id_subdomain_error"), "focus": walker.focused()}
    walker.look("sign-up-refused")
    walker.fill(subdomain=company.subdomain, password=PASSWORD)
    walker.send()
    walker.sees("Look into your mailbox")
    walker.look("sent")
    page.goto(walker.link_for(company.email, "/sign-up/confirm/"))
    walker.look("confirm")
    walker.press(f"Yes, set up {company.name}")
    walker.sees("Connect Gmail")
    walker.look("progress")
    walker.press("Connect Gmail")
    walker.sees("Continue to Google")
    walker.look("connect")
    consent(walker, company)
    walker.look("connected")
    walker.press("Back to your set-up")
    return refused


def consent(walker: Walker, company: DemoCustomer) -> None:
    """From our page about Gmail to Google, where the company's account is chosen, and back."""
    walker.press("Continue to Google")
    walker.press(company.email)
    walker.sees("Gmail is connected")


def ready(walker: Walker, company: DemoCustomer) -> str:
    """The set-up ends by itself; the company's own pages are open when this returns. Their address."""
    walker.sees(f"{company.name} is ready", seconds=120)
    walker.look("ready")
    walker.press("Open your pages")
    walker.sees("What needs you")
    return str(walker.page.url)


def read_and_approve(walker: Walker) -> dict[str, Any]:
    """A lead is seen, and its draft approved."""
    page = walker.page
    walker.look("overview")
    walker.press("Leads", exact=True)
    draft = page.get_by_role("link", name="Decide on the draft")
    walker.reload_until(lambda: draft.count() > 0, "a lead with a draft", seconds=150)
    walker.look("leads")
    leads = page.locator(".rows .score").count()
    walker.press("Decide on the draft")
    page.get_by_role("button", name="Approve", exact=True).wait_for()
    walker.look("draft")
    walker.press("Approve", exact=True)
    walker.sees("Approved by")
    walker.look("approved")
    return {"leads": leads, "approved": walker.text()}


def look_around(walker: Walker) -> None:
    """The other pages, as they are after some minutes."""
    for name in ("Messages", "Briefs", "Activity", "Plan"):
        walker.press(name, exact=True)
        walker.page.locator(f"nav [aria-current]:text-is('{name}')").wait_for()
        walker.look(name.lower())


def invite(walker: Walker, address: str) -> None:
    """A colleague is invited."""
    walker.press("Settings", exact=True)
    walker.press("Team", exact=True)
    walker.fill(email=address)
    walker.press("Send the invitation")
    walker.sees("An invitation is on its way")
    walker.look("team")


def join(colleague: Walker, address: str) -> str:
    """The colleague joins by the mail's link, sets a password and reads the leads; what they see."""
    colleague.page.goto(colleague.link_for(address, "invitation"))
    colleague.look("invitation")
    colleague.press("Join")
    colleague.look("password")
    colleague.fill(new_password1=PASSWORD, new_password2=PASSWORD)
    colleague.press("Set the password")
    colleague.sees("What needs you")
    colleague.press("Leads", exact=True)
    return colleague.text()


def close(walker: Walker, company: DemoCustomer) -> str:
    """The account is closed by its owner; what the host says then."""
    walker.press("Settings", exact=True)
    walker.press("Data and account")
    walker.sees("Take your data along")
    walker.look("account")
    walker.press("Close my account …")
    walker.sees("This can't be undone")
    walker.look("close")
    walker.fill(subdomain="something else")
    walker.press("Close the account for good")
    walker.page.locator("#id_subdomain_error").wait_for()
    walker.fill(subdomain=company.subdomain)
    walker.press("Close the account for good")
    walker.sees("being closed")
    walker.look("closed")
    return walker.text()
