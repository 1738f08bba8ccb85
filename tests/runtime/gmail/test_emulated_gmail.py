"""The program against the embedded Google, after a real consent: the demo customer's mailbox, read as Gmail is."""

import pytest

from agents.runtime.exits import Exit
from tests.agents.factories import MAILBOX, connect_gmail
from tests.runtime.customer import AgentCustomer


@pytest.fixture(scope="module")
def mailbox_owner(provision):
    """A customer whose mailbox is a demo customer's."""
    return provision(MAILBOX)


@pytest.fixture
def olivia(mailbox_owner, world, back_office):
    """That customer, connected by a consent of its own."""
    with back_office():
        connect_gmail(world, mailbox_owner)
    olivia = AgentCustomer(mailbox_owner, world)
    yield olivia
    olivia.erase_rows()
    olivia.disconnect_gmail()


def test_demo_mailbox_is_read_and_the_next_mail_found(world, olivia, run_agent):
    endpoint = {"GMAIL_API_ENDPOINT": world.google.url}
    assert run_agent(olivia, **endpoint).wait() is Exit.OK
    before = set(olivia.rows("inbox_messages", "gmail_id"))
    assert len(before) >= 10
    recipients = {row[0] for row in olivia.rows("inbox_messages", "recipient")}
    assert any(MAILBOX in recipient for recipient in recipients)
    arrived = world.google.deliver(MAILBOX, sender="Mia <mia@new.example>", subject="Brand new", text="Hello there")
    assert run_agent(olivia, **endpoint).wait() is Exit.OK
    assert set(olivia.rows("inbox_messages", "gmail_id")) - before == {(arrived,)}
    assert ("Mia <mia@new.example>", "Brand new") in olivia.rows("inbox_messages", "sender, subject")


def test_another_accounts_consent_reads_nothing(world, olivia, run_agent):
    agent = run_agent(olivia, GMAIL_API_ENDPOINT=world.google.url, CUSTOMER_EMAIL="office@other.example")
    assert agent.wait() is Exit.GMAIL_REFUSED
    assert olivia.rows("inbox_messages") == []


def test_withdrawn_consent_is_a_revoked_token(world, olivia, run_agent):
    world.google.withdraw(MAILBOX)
    agent = run_agent(olivia, GMAIL_API_ENDPOINT=world.google.url)
    assert agent.wait() is Exit.TOKEN_REVOKED
