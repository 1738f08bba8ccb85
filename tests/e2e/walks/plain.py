"""The customer's day in a browser that runs no script: sign out and in, search, take leads along, decide, invite."""

from pathlib import Path
from typing import Any

from openclaw_site.demo.walk import DemoCustomer
from tests.e2e.walks import card, customer
from tests.e2e.walks.walker import Walker


def day(walker: Walker, company: DemoCustomer, colleague: str) -> dict[str, Any]:
    """All of it; what was seen. The company's pages are open, with leads and drafts to come."""
    page = walker.page
    _sign_out(walker, company)
    walker.press("Sign in")
    walker.fill(username=company.email, password="not this one")
    walker.send()
    walker.sees("do not belong together")
    seen: dict[str, Any] = {"focus": walker.focused()}
    walker.look("plain-sign-in-refused")
    walker.fill(username=company.email, password=customer.PASSWORD)
    walker.send()
    walker.sees("What needs you")
    seen["work"] = customer.read_and_approve(walker)
    seen["leads"] = _leads(walker)
    customer.invite(walker, colleague)
    walker.press("Plan", exact=True)
    other = page.locator("[name=plan][value=starter]")
    walker.reload_until(lambda: other.count() > 0, "the subscription", seconds=90)
    other.check()
    walker.press("Choose this plan")
    walker.sees("Starter, $199.00")
    seen["plan"] = walker.text()
    seen["card"] = card.pay_by_card(walker)
    _sign_out(walker, company)
    return seen


def _leads(walker: Walker) -> dict[str, Any]:
    """The list searched, filtered, in another order, and taken along."""
    page = walker.page
    rows = page.locator(".rows .score")

    def shown() -> list[str]:
        return [str(one) for one in rows.all_inner_texts()]

    walker.press("Leads", exact=True)
    everything = shown()
    page.fill("[name=q]", "nobody is called this")
    walker.press("Show", exact=True)
    walker.sees("No lead is like that")
    walker.press("Show all", exact=True)
    page.locator("summary", has_text="Filters and order").click()
    page.fill("[name=score]", "60")
    page.select_option("[name=sort]", index=1)
    walker.press("Show", exact=True)
    walker.sees("Download these as CSV")
    walker.look("plain-leads")
    chosen = {"filtered": shown(), "sorted": str(page.url)}
    with page.expect_download() as loading:
        walker.press("Download these as CSV")
    return {"all": everything, **chosen, "csv": Path(loading.value.path()).read_text()}


def _sign_out(walker: Walker, company: DemoCustomer) -> None:
    walker.page.locator("summary", has_text=company.email).click()
    walker.press("Sign out", exact=True)
    walker.sees("You are signed out")
