"""The onboarding step: waits for a person, proves the token, and takes everything away again."""

import pytest

from openclaw_site.aws import secrets
from openclaw_site.devstack.google import Google
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailState
from tenants.onboarding.steps.base import Found, StepRetry, StepWaiting
from tenants.onboarding.steps.gmail_secret import GmailSecretStep
from tests.factories import make_customer
from tests.gmail.visit import MAILBOX, connected, connection_of, outbox_rows


def apply(customer: Customer) -> Found:
    with enter_platform():
        found = GmailSecretStep().apply(customer)
        GmailSecretStep().verify(customer)
        return found


def undo(customer: Customer) -> Found:
    with enter_platform():
        return GmailSecretStep().undo(customer)


def remains(customer: Customer) -> list[str]:
    with enter_platform():
        return GmailSecretStep().remains(customer)


def test_waits_for_a_person_until_gmail_is_connected(customer: Customer) -> None:
    with pytest.raises(StepWaiting, match="not connected") as waiting:
        apply(customer)
    assert waiting.value.person
    assert waiting.value.poll_seconds is None
    assert "Connect Gmail" in waiting.value.next_action


def test_delivers_the_token_itself_and_says_what_stands(customer: Customer) -> None:
    connected(customer)
    found = apply(customer)
    info = secrets.find_secret(name=customer.secret_name)
    assert info is not None
    assert found == {"secret": customer.secret_name, "arn": info.arn}
    assert outbox_rows() == []
    assert apply(customer) == found


def test_withdrawn_permission_waits_for_a_person(customer: Customer, google: Google) -> None:
    connected(customer)
    apply(customer)
    google.withdraw(MAILBOX)
    with pytest.raises(StepWaiting, match="connected again") as waiting:
        apply(customer)
    assert waiting.value.person
    assert connection_of(customer).state == GmailState.NEEDS_RECONNECT


def test_gmail_in_trouble_is_tried_again(customer: Customer, google: Google) -> None:
    connected(customer)
    google.gmail_fault = 503
    with pytest.raises(StepRetry):
        apply(customer)
    google.gmail_fault = None
    assert apply(customer)["secret"] == customer.secret_name


def test_undo_revokes_deletes_and_says_until_when_it_can_be_restored(customer: Customer, google: Google) -> None:
    connected(customer)
    apply(customer)
    assert remains(customer) == [f"secret {customer.secret_name}"]
    found = undo(customer)
    assert found["revoked_at_google"] is True
    assert found["secret"] == customer.secret_name
    assert google.withdraw(MAILBOX) == 0
    info = secrets.find_secret(name=customer.secret_name)
    assert info is not None
    assert info.deleted_at is not None
    connection = connection_of(customer)
    assert (connection.state, connection.google_email) == (GmailState.NOT_CONNECTED, "")
    assert remains(customer) == []
    assert undo(customer) == {"secret": found["secret"], "deletes_at": found["deletes_at"]}


def test_undo_takes_back_a_token_that_was_never_delivered(customer: Customer, google: Google) -> None:
    connected(customer)
    assert undo(customer) == {"revoked_at_google": True, "outbox_rows": 1}
    assert outbox_rows() == []
    assert google.withdraw(MAILBOX) == 0


def test_undo_of_nothing_finds_nothing(customer: Customer) -> None:
    assert undo(customer) == {}


def test_undo_leaves_another_customer_of_the_same_mailbox_its_permission(customer: Customer, google: Google) -> None:
    twin = make_customer(email=MAILBOX)
    for one in (customer, twin):
        connected(one)
        apply(one)
    assert undo(customer)["revoked_at_google"] is False
    assert apply(twin)["secret"] == twin.secret_name
