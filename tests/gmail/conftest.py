"""What every test of the consent stands on."""

from collections.abc import Iterator

import pytest

from openclaw_site.devstack.google import Google
from openclaw_site.devstack.world import World
from tenants.models import Customer
from tests.factories import make_customer
from tests.gmail.visit import MAILBOX, OTHER_CUSTOMERS_MAILBOX, STRANGER


@pytest.fixture(autouse=True)
def parts(database: None, aws: World) -> None:
    """A clean database and AWS."""


@pytest.fixture(autouse=True)
def google(world: World) -> Iterator[Google]:
    """The embedded Google, in which nobody has consented to anything and nothing fails."""
    yield world.google
    world.google.gmail_fault = None
    for account in (MAILBOX, OTHER_CUSTOMERS_MAILBOX, STRANGER):
        world.google.withdraw(account)


@pytest.fixture
def customer() -> Customer:
    """The customer whose mailbox is MAILBOX."""
    return make_customer(name="Harborline Roofing", email=MAILBOX)


@pytest.fixture
def aws_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """AWS does not answer until `undo()` is called on this."""
    from openclaw_site.aws import clients

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    clients.reset_clients()
    yield monkeypatch
    monkeypatch.undo()
    clients.reset_clients()
