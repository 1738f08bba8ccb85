"""The staff's day: sign in with a code, onboard a customer, look at who is there, pause and resume, see the money."""

from typing import Any

from openclaw_site.demo.phone import Phone, recovery_codes_in, secret_in
from openclaw_site.demo.stack import STAFF_EMAIL
from openclaw_site.demo.walk import DemoCustomer
from tests.e2e.walks.customer import consent
from tests.e2e.walks.walker import Walker


def onboard(walker: Walker, admin: str, company: DemoCustomer) -> dict[str, Any]:
    """A customer is onboarded, once with a subdomain that is refused, and its Gmail connected at Google."""
    page = walker.page
    page.goto(f"{admin}/tenants/customer/")
    walker.press("Onboard customer")
    walker.fill(name=company.name, email=company.email, slug="admin")
    walker.send()
    walker.sees("reserved")
    seen = {"focus": walker.focused(), "refused": walker.text()}
    walker.look("staff-onboard")
    walker.fill(slug=company.subdomain)
    walker.send()
    walker.sees("is being set up")
    address = page.url
    walker.sees("4 of 7 steps", seconds=60)
    walker.look("staff-onboarding")
    walker.press("Connect Gmail", exact=True)
    consent(walker, company)
    page.goto(address)
    return seen


def active(walker: Walker) -> str:
    """The customer's page, which is open, tells by itself that all is done; what it says then."""
    walker.sees("7 of 7 steps", seconds=120)
    walker.look("staff-customer")
    return walker.text()


def day(walker: Walker, admin: str, company: DemoCustomer) -> dict[str, Any]:
    """The lists and a customer's buttons; what was seen."""
    seen: dict[str, Any] = {}
    page = walker.page
    page.goto(f"{admin}/")
    walker.look("staff-home")
    page.goto(f"{admin}/tenants/customer/")
    walker.look("staff-customers")
    page.get_by_role("link", name=company.name).first.click()
    walker.sees("Connect Gmail")
    for button, state in (("Pause", "Paused"), ("Resume", "Resumed")):
        walker.press(button, exact=True)
        walker.sees(state)
    seen["resumed"] = walker.text()
    for name, address in (
        ("staff-runs", "/agents/agentrun/"),
        ("staff-agents", "/agents/agent/"),
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
    walker.look("staff-subscriptions")
    seen["subscriptions"] = walker.text()
    return seen


def sign_in(walker: Walker, admin: str, password: str) -> int:
    """The first sign-in, which sets up an authenticator; how many recovery codes were shown."""
    page = walker.page
    page.goto(f"{admin}/login/")
    walker.look("staff-login")
    walker.fill(username=STAFF_EMAIL, password=password)
    walker.send()
    walker.sees("authenticator")
    walker.look("staff-enrol")
    walker.fill(code=Phone(secret_in(page.content())).code())
    walker.press("Continue")
    walker.sees("shown this once")
    codes = recovery_codes_in(page.content())
    walker.press("I have kept them")
    return len(codes)
