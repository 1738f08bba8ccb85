"""What every test of the sign-up stands on: an empty database, tasks at once, and no work for the provisioner."""

from collections.abc import Iterator

import pytest

from openclaw_site.devstack.google import Google
from openclaw_site.devstack.world import World
from tests.gmail.visit import MAILBOX, STRANGER


@pytest.fixture(autouse=True)
def parts(database: None, eager: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clean database; the machine's runs are queued, and nobody walks them."""
    from tenants.onboarding import tasks

    monkeypatch.setattr(tasks.provisioning_run, "apply_async", lambda *args, **kwargs: None)


@pytest.fixture
def google(world: World) -> Iterator[Google]:
    """The embedded Google, in which nobody has signed in."""
    yield world.google
    for account in (MAILBOX, STRANGER):
        world.google.withdraw(account)
