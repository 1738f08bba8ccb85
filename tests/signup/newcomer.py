"""A stranger with a browser who signs up on the public host."""

import re
from typing import Any

import httpx
from django.core import mail
from django.test import Client

from tenants.isolation.context import enter_platform
from tenants.models import Membership, Signup
from tests.gmail.visit import consent

PASSWORD = "a roof over nine heads"
EMAIL = "olivia@harborline-roofing.example"
# Subdomains that no customer may have: reserved, alike, badly formed, of letters that only look Latin.
NOBODYS = [
    *("admin", "www", "openclaw", "0penclaw", "adrnin", "open-claw", "xn--80ak6aa92e", "ac me", "-acme", "acm\u00e9"),
    "\u0430cme",  # begins with a Cyrillic letter
    "\uff41cme",  # with a full-width one
    "ac\u200bme",  # holds a space of no width
]


class Newcomer:
    """One browser, on the public host."""

    def __init__(self) -> None:
        self.client = Client(headers={"host": "localhost"})

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def form(self, **typed: str) -> dict[str, str]:
        """The form as it was shown, filled in."""
        found = re.search(r'name="form" value="([^"]+)"', self.get("/sign-up/").content.decode())
        assert found is not None
        usual = {
            "form": found[1],
            "company": "Harborline Roofing",
            "subdomain": "harborline",
            "person": "Olivia Brandt",
            "email": EMAIL,
            "password": PASSWORD,
            "plan": "team",
        }
        return {**usual, **typed}

    def send(self, form: dict[str, str]) -> Any:
        return self.client.post("/sign-up/", form)

    def signs_up(self, **typed: str) -> Any:
        return self.send(self.form(**typed))

    def confirms(self, path: str = "", **typed: str) -> Any:
        """Presses the button of the page behind the mailed link."""
        return self.client.post(path or link(), typed)

    def text(self, path: str) -> str:
        return str(self.get(path).content.decode())

    def comes_with_google(self, account: str, **sent: str) -> Any:
        """“Continue with Google”, as this account; our answer to what comes back."""
        reply = self.client.post("/sign-up/google/", sent)
        assert reply.status_code == 302, reply.content
        back = httpx.URL(consent(reply["Location"], account))
        return self.get(f"{back.path}?{back.query.decode()}")


def link(number: int = -1) -> str:
    """The path of the link in a mail."""
    found = re.search(r"http://localhost[:\d]*(/sign-up/confirm/\S+)", str(mail.outbox[number].body))
    assert found is not None, mail.outbox[number].body
    return found[1]


def signups() -> list[Signup]:
    """Every sign-up, the oldest first."""
    with enter_platform():
        return list(Signup.objects.order_by("created_at"))


def owners() -> list[tuple[str, str, str]]:
    """Who belongs to which host, in which role."""
    with enter_platform():
        return list(Membership.objects.values_list("user__email", "tenant__slug", "role"))
