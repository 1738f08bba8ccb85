"""The main job as a person does it, over HTTP: sign in to the admin, onboard a customer, consent at Google."""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from openclaw_site.demo.browser import Browser, Page
from openclaw_site.demo.phone import Phone, recovery_codes_in, secret_in
from openclaw_site.demo.stack import STAFF_EMAIL, Stack

_CUSTOMER_PAGE = re.compile(r"/tenants/customer/([0-9a-f-]{36})/")


class WalkFailed(Exception):
    """A page did not show what the walk needs next; the message says which and what it showed."""


@dataclass(frozen=True)
class DemoCustomer:
    """What is typed into the form, and whose mailbox consents."""

    name: str
    subdomain: str
    email: str


DEMO_CUSTOMERS = (
    DemoCustomer("Harborline Roofing", "harborline", "olivia@harborline-roofing.example"),
    DemoCustomer("Fernweh Travel", "fernweh", "jonas@fernweh-travel.example"),
)


@dataclass(frozen=True)
class Onboarded:
    """A customer that the walk submitted, and when (monotonic seconds)."""

    customer: DemoCustomer
    id: uuid.UUID
    submitted_at: float
    connected_at: float


def sign_in(browser: Browser, stack: Stack) -> None:
    """A staff session in the admin, through both steps of its sign-in; the first time with a new authenticator.

    `stack.phone` has the authenticator afterwards, and `stack.recovery_codes` what was shown with it.
    """
    page = browser.open(f"{admin_url(stack)}/login/")
    page = browser.submit(page, "password", username=STAFF_EMAIL, password=stack.staff_password)
    if stack.phone is None:
        stack.phone = Phone(secret_in(page.text))
        page = browser.submit(page, "code", code=stack.phone.code())
        stack.recovery_codes = recovery_codes_in(page.text)
        page = browser.open(f"{admin_url(stack)}/")
    else:
        page = browser.submit(page, "code", code=stack.phone.code())
    if page.status != 200 or "/login/" in page.url:
        raise WalkFailed(f"Signing in to the admin ended at {page.url} with status {page.status}.")


def onboard(browser: Browser, stack: Stack, customer: DemoCustomer) -> Onboarded:
    """Submit the admin's form, then connect Gmail from the customer's page and consent at Google."""
    form = browser.open(f"{admin_url(stack)}/tenants/customer/add/")
    submitted_at = time.monotonic()
    page = browser.submit(form, "slug", name=customer.name, email=customer.email, slug=customer.subdomain)
    found = _CUSTOMER_PAGE.search(page.url)
    if found is None:
        raise WalkFailed(f"Onboarding {customer.name} ended at {page.url} with status {page.status}: {_errors(page)}")
    page = browser.submit(page, "Connect Gmail")
    page = browser.submit(page, "Continue to Google")
    page = browser.submit(page, customer.email)
    if page.status != 200 or "/gmail/done" not in page.url:
        raise WalkFailed(f"Connecting Gmail of {customer.name} ended at {page.url} with status {page.status}.")
    return Onboarded(customer, uuid.UUID(found.group(1)), submitted_at, time.monotonic())


def wait_until(stack: Stack, holds: Callable[[], bool], what: str, seconds: float) -> None:
    """Returns as soon as it holds. Raises WalkFailed when a process of the stack ended, or it did not hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if problem := stack.dead():
            raise WalkFailed(problem)
        if time.monotonic() > deadline:
            raise WalkFailed(f"Waited {seconds:.0f} s in vain {what}.")
        time.sleep(0.2)


def start_agent(browser: Browser, stack: Stack, agent_id: uuid.UUID) -> None:
    """Press “Start now” on the agent's page."""
    page = browser.submit(browser.open(f"{admin_url(stack)}/agents/agent/{agent_id}/change/"), "Start now")
    if page.status != 200:
        raise WalkFailed(f"Starting an agent ended at {page.url} with status {page.status}.")


def admin_url(stack: Stack) -> str:
    """Where the admin is, without a closing slash."""
    return stack.admin_url()


def sign_up_url(stack: Stack) -> str:
    """Where a company signs itself up."""
    return stack.world.environment()["PUBLIC_BASE_URL"] + "/sign-up/"


def portal_address(stack: Stack, customer: DemoCustomer) -> str:
    """Where the customer's members read, without a closing slash; reached as the public host is."""
    environment = stack.world.environment()
    public = urlsplit(environment["PUBLIC_BASE_URL"])
    return f"{public.scheme}://{customer.subdomain}.{environment['CUSTOMER_DOMAIN']}:{public.port}"


def _errors(page: Page) -> str:
    text = re.sub(r"<[^>]+>", " ", page.text)
    lines = [line.strip() for line in text.splitlines()]
    return " · ".join(line for line in lines if line.endswith("."))[:500]
