"""Whether a stored token still works is asked of Gmail, and what can't be told changes nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openclaw_site.aws import secrets
from openclaw_site.devstack.google import Google
from tenants.gmail.services import connection_check
from tenants.gmail.tasks import connections_check
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailConnection, GmailState
from tests.factories import make_customer
from tests.gmail.visit import (
    GMAIL_SCOPE,
    MAILBOX,
    OTHER_CUSTOMERS_MAILBOX,
    STRANGER,
    begin,
    connected,
    connection_of,
    consent,
    ending,
    refresh_token_of,
)

pytestmark = pytest.mark.usefixtures("eager")


def check(customer: Customer) -> GmailState:
    with enter_platform():
        return connection_check(customer_id=customer.id)


def put_into_secret(customer: Customer, **values: Any) -> None:
    secret = secrets.get_secret(name=customer.secret_name)
    secrets.put_secret(name=customer.secret_name, value={**secret, **values}, tags={})


@pytest.fixture
def ours(customer: Customer) -> Customer:
    """A connected customer."""
    assert connected(customer) == "connected"
    return customer


def test_working_token_proves_itself(ours: Customer, google: Google) -> None:
    google.expire_access_tokens()
    before = timezone.now()
    assert check(ours) == GmailState.CONNECTED
    checked_at = connection_of(ours).checked_at
    assert checked_at is not None
    assert checked_at >= before


def test_withdrawn_permission_is_noticed_and_mailed_once(ours: Customer, google: Google, mailoutbox: list[Any]) -> None:
    token = secrets.get_secret(name=ours.secret_name)["refresh_token"]
    google.withdraw(MAILBOX)
    assert [check(ours) for _ in range(3)] == [GmailState.NEEDS_RECONNECT] * 3
    connection = connection_of(ours)
    assert "withdrawn" in connection.error
    assert connection.next_action
    assert [mail.to for mail in mailoutbox] == [[MAILBOX]]
    assert "Harborline Roofing" in mailoutbox[0].body
    assert token not in mailoutbox[0].body


def test_link_in_the_mail_holds_for_days_and_connects_again(
    ours: Customer, google: Google, mailoutbox: list[Any]
) -> None:
    google.withdraw(MAILBOX)
    check(ours)
    link = re.search(r"https?://\S+", mailoutbox[0].body)
    assert link is not None
    with enter_platform():
        expiry = ours.gmail_intents.latest("created_at").expires_at
    assert expiry > timezone.now() + timedelta(days=6)
    client = Client()
    assert ending(client, consent(begin(client, link.group()), MAILBOX)) == "connected"
    assert check(ours) == GmailState.CONNECTED
    google.withdraw(MAILBOX)
    check(ours)
    assert len(mailoutbox) == 2, "it is a new loss, so a new mail"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_gmail_in_trouble_changes_no_state(ours: Customer, google: Google, mailoutbox: list[Any], status: int) -> None:
    google.gmail_fault = status
    assert check(ours) == GmailState.CONNECTED
    assert str(status) in connection_of(ours).error
    assert mailoutbox == []
    google.gmail_fault = None
    assert check(ours) == GmailState.CONNECTED
    assert connection_of(ours).error == ""


@pytest.mark.parametrize("where", ["token", "gmail"])
def test_unreachable_google_changes_no_state(ours: Customer, settings: Any, mailoutbox: list[Any], where: str) -> None:
    if where == "token":
        put_into_secret(ours, token_uri="http://127.0.0.1:9/token")
    else:
        settings.GMAIL_API_ENDPOINT = "http://127.0.0.1:9"
    assert check(ours) == GmailState.CONNECTED
    assert "could not be reached" in connection_of(ours).error
    assert mailoutbox == []


def test_unreachable_aws_changes_no_state(
    ours: Customer, mailoutbox: list[Any], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("aws_away")
    assert check(ours) == GmailState.CONNECTED
    assert connection_of(ours).error
    assert mailoutbox == []


def test_refusal_of_our_own_client_blames_no_customer(ours: Customer, mailoutbox: list[Any]) -> None:
    put_into_secret(ours, client_secret="rotated-elsewhere")
    assert check(ours) == GmailState.CONNECTED
    assert "GOOGLE_CLIENT_SECRET" in connection_of(ours).next_action
    assert mailoutbox == []


def test_permission_without_the_scope_needs_a_reconnect(ours: Customer) -> None:
    put_into_secret(ours, refresh_token=refresh_token_of(MAILBOX, withhold=GMAIL_SCOPE))
    assert check(ours) == GmailState.NEEDS_RECONNECT
    assert "permission to read mail" in connection_of(ours).error


def test_permission_of_another_mailbox_needs_a_reconnect(ours: Customer) -> None:
    put_into_secret(ours, refresh_token=refresh_token_of(STRANGER))
    assert check(ours) == GmailState.NEEDS_RECONNECT
    assert "another mailbox" in connection_of(ours).error


def test_secret_that_is_gone_needs_a_reconnect(ours: Customer, mailoutbox: list[Any]) -> None:
    secrets.delete_secret(name=ours.secret_name)
    assert check(ours) == GmailState.CONNECTED
    assert "can't be read yet" in connection_of(ours).error  # Stored a moment ago, it may only not be seen yet.
    with enter_platform():
        GmailConnection.objects.filter(tenant=ours).update(connected_at=timezone.now() - timedelta(minutes=2))
    assert check(ours) == GmailState.NEEDS_RECONNECT
    assert len(mailoutbox) == 1


def test_connection_that_never_was_is_left_alone(customer: Customer, mailoutbox: list[Any]) -> None:
    assert check(customer) == GmailState.NOT_CONNECTED
    assert mailoutbox == []


def test_mail_that_can_not_be_sent_is_left_to_staff(ours: Customer, google: Google, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    google.withdraw(MAILBOX)
    assert check(ours) == GmailState.NEEDS_RECONNECT
    assert "could not be sent" in connection_of(ours).next_action


def test_only_what_is_due_is_checked(ours: Customer, google: Google) -> None:
    other = make_customer(email=OTHER_CUSTOMERS_MAILBOX)
    assert connected(other) == "connected"
    leaving = make_customer(email=STRANGER)
    assert connected(leaving) == "connected"
    recently, long_ago = timezone.now() - timedelta(minutes=14), timezone.now() - timedelta(minutes=16)
    with enter_platform():
        GmailConnection.objects.filter(tenant=ours).update(checked_at=recently)
        GmailConnection.objects.filter(tenant=other).update(checked_at=long_ago)
        Customer.objects.filter(id=leaving.id).update(state="offboarding")
    connections_check()
    assert connection_of(ours).checked_at == recently
    assert connection_of(other).checked_at > long_ago  # type: ignore[operator]
    assert connection_of(leaving).checked_at is None
