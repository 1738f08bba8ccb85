"""Writes about a customer's Gmail connection, in the platform's context: deliver, check, disconnect."""

import logging
import uuid
from typing import Any

import google.auth.exceptions
from django.db.models import F
from django.db.models.functions import Now
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from httplib2 import HttpLib2Error

from openclaw_site.aws import secrets
from openclaw_site.aws.errors import AwsError, SecretMissing
from tenants.gmail.handover import decrypt, token_revoke
from tenants.gmail.intents import connect_link
from tenants.gmail.mails import send_needs_reconnect
from tenants.models import Customer, GmailConnection, GmailState, TokenOutbox, User
from tenants.onboarding.services import provisioning_wake

logger = logging.getLogger(__name__)
RECONNECT = "Press “Connect Gmail” on the customer's page, or send the customer a new link."


class GmailUnreachable(Exception):
    """Google or AWS did not answer; it says nothing about the connection."""


class GmailRevoked(Exception):
    """The refresh token, or the permission to read, is gone: the customer must connect again."""


def connect_url(*, customer: Customer, actor: User | None) -> str:
    """A new single-use link, on the public host, to connect this customer's Gmail."""
    return connect_link(customer=customer, actor=actor).url


def token_deliver(*, customer_id: uuid.UUID) -> bool:
    """Store the outbox's token in Secrets Manager and erase the row; True when there was one. Safe to repeat.

    Raises AwsError; the row stays, with its tries counted, and is tried again by the sweep.
    """
    row = TokenOutbox.objects.select_related("tenant").filter(tenant_id=customer_id).first()
    if row is None:
        return False
    customer = row.tenant
    try:
        secrets.put_secret(
            name=customer.secret_name, value=decrypt(bytes(row.ciphertext)), tags={"TenantID": customer.tenant_hex}
        )
    except AwsError as error:
        TokenOutbox.objects.filter(id=row.id).update(attempts=F("attempts") + 1, error=str(error)[:500])
        raise
    # A newer consent may have replaced the row's content meanwhile; then the row stays for the next delivery.
    TokenOutbox.objects.filter(id=row.id, ciphertext=row.ciphertext).delete()
    GmailConnection.objects.filter(tenant_id=customer_id).update(
        state=GmailState.CONNECTED, connected_at=Now(), checked_at=None, error="", next_action=""
    )
    provisioning_wake(customer_id=customer_id)
    return True


def connection_check(*, customer_id: uuid.UUID) -> GmailState:
    """Prove the refresh token with a real Gmail call and record the result; the state afterwards. Safe to repeat.

    A revoked token moves the connection to `needs_reconnect`, once with a mail to the customer. An unreachable Google
    or AWS changes nothing but the error's text.
    """
    connection = GmailConnection.objects.select_related("tenant").get(tenant_id=customer_id)
    rows = GmailConnection.objects.filter(id=connection.id)
    try:
        mailbox_prove(customer=connection.tenant)
    except GmailUnreachable as error:
        rows.update(error=str(error)[:500])
        return GmailState(connection.state)
    except GmailRevoked as error:
        changed = rows.exclude(state=GmailState.NEEDS_RECONNECT).update(
            state=GmailState.NEEDS_RECONNECT, error=str(error)[:500], next_action=RECONNECT, checked_at=Now()
        )
        if changed:
            send_needs_reconnect(
                customer=connection.tenant, link=connect_link(customer=connection.tenant, actor=None).url
            )
        return GmailState.NEEDS_RECONNECT
    rows.update(state=GmailState.CONNECTED, checked_at=Now(), error="", next_action="")
    return GmailState.CONNECTED


def mailbox_prove(*, customer: Customer) -> None:
    """Refresh an access token, in memory, and ask Gmail whose mailbox it is.

    Raises GmailRevoked or GmailUnreachable. Changes nothing.
    """
    try:
        value = secrets.get_secret(name=customer.secret_name)
    except SecretMissing as error:
        raise GmailRevoked("The Gmail secret is missing from Secrets Manager.") from error
    except AwsError as error:
        raise GmailUnreachable(str(error)) from error
    try:
        address = _profile_address(value)
    except google.auth.exceptions.RefreshError as error:
        if error.retryable:
            raise GmailUnreachable("Google did not refresh the token now.") from None
        raise GmailRevoked("Google no longer accepts the refresh token.") from None
    except (google.auth.exceptions.TransportError, HttpLib2Error, OSError):
        raise GmailUnreachable("Google did not answer.") from None
    except HttpError as error:
        if error.status_code in (401, 403):
            raise GmailRevoked("Gmail refused to be read with this permission.") from None
        raise GmailUnreachable(f"Gmail answered {error.status_code}.") from None
    if address.lower() != customer.email.lower():
        raise GmailRevoked("The stored permission is for another mailbox.")


def connection_disconnect(*, customer: Customer) -> dict[str, Any]:
    """Give the permission back to Google, schedule the secret's deletion (7 days), erase the outbox. Safe to repeat.

    Returns what was found and deleted, without any value. Raises AwsError.
    """
    found: dict[str, Any] = {}
    try:
        value = secrets.get_secret(name=customer.secret_name)
    except SecretMissing:
        value = {}
    if value:
        found["revoked_at_google"] = token_revoke(token=str(value.get("refresh_token", "")))
    deletion = secrets.delete_secret(name=customer.secret_name)
    if deletion is not None:
        found |= {"secret": deletion.name, "deletes_at": deletion.deletes_at.isoformat()}
    deleted, _ = TokenOutbox.objects.filter(tenant=customer).delete()
    if deleted:
        found["outbox_rows"] = deleted
    GmailConnection.objects.filter(tenant=customer).update(
        state=GmailState.NOT_CONNECTED, connected_at=None, checked_at=None, error="", next_action=""
    )
    return found


def _profile_address(value: dict[str, Any]) -> str:
    from django.conf import settings

    credentials = Credentials(
        token=None,
        refresh_token=value["refresh_token"],
        token_uri=value["token_uri"],
        client_id=value["client_id"],
        client_secret=value["client_secret"],
        scopes=value["scopes"],
    )
    credentials.refresh(Request())
    with build(
        "gmail",
        "v1",
        credentials=credentials,
        client_options={"api_endpoint": settings.GMAIL_API_ENDPOINT},
        cache_discovery=False,
    ) as gmail:
        profile = gmail.users().getProfile(userId="me").execute()
    return str(profile["emailAddress"])
