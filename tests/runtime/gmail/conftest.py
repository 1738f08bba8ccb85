"""A mailbox at a Gmail that fails on command, and one at the embedded Google that only these tests use."""

import secrets
from contextlib import closing

import httpx
import pytest

from agents.runtime.gmail import Mailbox
from agents.runtime.meter import Meter
from agents.runtime.retry import Patience
from agents.runtime.secret import GmailSecret
from openclaw_site.devstack.emulate import Emulate
from openclaw_site.devstack.google import Google
from openclaw_site.devstack.google import Mailbox as Account
from openclaw_site.devstack.ports import free_port
from tests.runtime.factories import ADDRESS
from tests.runtime.loopback_gmail import READ_SCOPE


def patience(budget_seconds=15.0):
    return Patience(pause=lambda seconds: False, budget_seconds=budget_seconds)


def open_mailbox(secret, *, endpoint, meter):
    fields = ("refresh_token", "token_uri", "client_id", "client_secret")
    values = {field: secret[field] for field in fields}
    return Mailbox(secret=GmailSecret(**values), address=ADDRESS, endpoint=endpoint, meter=meter)


@pytest.fixture
def meter():
    return Meter()


@pytest.fixture
def mailbox(gmail, meter):
    with closing(open_mailbox(gmail.secret(), endpoint=gmail.url, meter=meter)) as mailbox:
        yield mailbox


class EmbeddedGoogle:
    """The embedded Google with one more account, which has given its consent."""

    def __init__(self, state_dir):
        self.emulate = Emulate(state_dir=state_dir)
        self.google = Google(
            port=free_port(taken=set()),
            emulate=self.emulate,
            client_secret=secrets.token_urlsafe(16),
            redirect_uris=["http://localhost/back"],
            extra_mailboxes=[Account(email=ADDRESS, name="Owner")],
        )
        self.url = self.google.url

    def secret(self):
        google = self.google
        client = {"client_id": google.client_id, "client_secret": google.client_secret}
        back = {"redirect_uri": google.redirect_uris[0]}
        form = {"email": ADDRESS, "scope": READ_SCOPE, "state": "s", "access_type": "offline", "prompt": "consent"}
        page = httpx.post(f"{self.url}/o/oauth2/v2/auth/callback", data={**form, **back, "client_id": google.client_id})
        code = page.next_request.url.params["code"]
        fields = {"grant_type": "authorization_code", "code": code, **back, **client}
        tokens = httpx.post(f"{self.url}/oauth2/token", data=fields).json()
        return {**client, "refresh_token": tokens["refresh_token"], "token_uri": f"{self.url}/oauth2/token"}

    def deliver(self, count):
        """Ids of that many new messages, oldest first."""
        texts = [f"Body-hush {number}" for number in range(count)]
        return [self.google.deliver(ADDRESS, sender="s@example.org", subject=text, text=text) for text in texts]


@pytest.fixture(scope="package")
def embedded(tmp_path_factory):
    server = EmbeddedGoogle(tmp_path_factory.mktemp("google"))
    server.google.start()
    yield server
    server.google.stop()
    server.emulate.stop()


@pytest.fixture(scope="package")
def embedded_mailbox(embedded):
    with closing(open_mailbox(embedded.secret(), endpoint=embedded.url, meter=Meter())) as mailbox:
        mailbox.authorise(patience())
        yield mailbox


@pytest.fixture
def at_google(customer, embedded):
    """The module's customer, connected to its mailbox at the embedded Google."""
    customer.connect_gmail(embedded.secret())
    return customer
