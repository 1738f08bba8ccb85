"""The staff's day: sign in with a code, look at who is there, pause and resume, read a run, see what is paid."""

from typing import Any

from openclaw_site.demo.phone import Phone, recovery_codes_in, secret_in
from openclaw_site.demo.stack import STAFF_EMAIL
from openclaw_site.demo.walk import DemoCustomer
from tests.e2e.walks.walker import Walker


def day(walker: Walker, admin: str, password: str, company: DemoCustomer) -> dict[str, Any]:
    """All of it; what was seen."""
    seen: dict[str, Any] = {"codes": _sign_in(walker, admin, password)}
    page = walker.page
    page.goto(f"{admin}/")
    walker.look("staff-home")
    page.goto(f"{admin}/tenants/customer/")
    walker.look("staff-customers")
    page.get_by_role("link", name=company.name).first.click()
    walker.sees("Connect Gmail")
    walker.look("staff-customer")
    for button, state in (("Pause", "Paused"), ("Resume", "Resumed")):
        page.get_by_role("button", name=button, exact=True).click()
        walker.sees(state)
    seen["resumed"] = walker.text()
    for name, address in (
        ("staff-runs", "/agents/agentrun/"),
        ("staff-agents", "/agents/agent/"),
        ("staff-subscriptions", "/billing/subscription/"),
        ("staff-invoices", "/billing/invoice/"),
        ("staff-costs", "/billing/costentry/"),
        ("staff-prices", "/billing/price/"),
        ("staff-plans", "/billing/plan/"),
        ("staff-people", "/tenants/user/"),
    ):
        page.goto(f"{admin}{address}")
        walker.look(name)
    page.goto(f"{admin}/billing/subscription/")
    # Made by the clock, within a minute of the customer.
    walker.reload_until(lambda: company.name in walker.text(), "the customer's subscription", seconds=90)
    seen["subscriptions"] = walker.text()
    return seen


def _sign_in(walker: Walker, admin: str, password: str) -> int:
    """The first sign-in, which sets up an authenticator; how many recovery codes were shown."""
    page = walker.page
    page.goto(f"{admin}/login/")
    walker.look("staff-login")
    walker.fill(username=STAFF_EMAIL, password=password)
    page.locator("button[type=submit]").or_(page.get_by_role("button", name="Log in")).first.click()
    walker.sees("authenticator")
    walker.look("staff-enrol")
    walker.fill(code=Phone(secret_in(page.content())).code())
    walker.press("Continue")
    walker.sees("shown this once")
    codes = recovery_codes_in(page.content())
    walker.press("I have kept them")
    return len(codes)
