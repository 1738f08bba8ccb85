"""Whether a stored token still reads the mailbox. Runs in the platform's context."""

import logging
import uuid
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from openclaw_site.aws import secrets
from openclaw_site.aws.errors import AwsError, SecretMissing
from openclaw_site.mails import mail_send
from tenants.gmail import google
from tenants.gmail.google import ConsentGone, GmailTrouble
from tenants.gmail.selectors import LEAVING
from tenants.gmail.services.intents import connect_link
from tenants.models import Customer, GmailConnection, GmailState

logger = logging.getLogger(__name__)

# Secrets Manager is eventually consistent and gives no bound: a secret that was stored within this time may not be
# found yet. After it, a missing one is believed to be gone.
SPREAD_SECONDS: Final = 60


def connection_check(*, customer_id: uuid.UUID) -> GmailState:
    """The connection's state after asking Gmail. What can't be told now changes nothing but the noted error."""
    try:
        return connection_prove(customer_id=customer_id)
    except (AwsError, GmailTrouble):
        return GmailState(GmailConnection.objects.values_list("state", flat=True).get(tenant_id=customer_id))


def connection_prove(*, customer_id: uuid.UUID) -> GmailState:
    """As `connection_check`, but raises AwsError or GmailTrouble when it can't be told.

    CONNECTED means that the refresh token read the mailbox's profile just now, whose history id is kept. On the way
    from CONNECTED to NEEDS_RECONNECT, and only then, the customer gets a mail. Safe to repeat. A connection that is not
    CONNECTED, or whose customer is leaving, is left alone.
    """
    connection = GmailConnection.objects.select_related("tenant").get(tenant_id=customer_id)
    state = GmailState(connection.state)
    if state != GmailState.CONNECTED or connection.tenant.state in LEAVING:
        return state
    # A consent that comes while we ask makes another connection, of which we know nothing.
    ours = GmailConnection.objects.filter(
        id=connection.id, state=GmailState.CONNECTED, connected_at=connection.connected_at
    )
    try:
        history_id = google.prove(_secret(connection), email=connection.tenant.email)
    except ConsentGone as error:
        gone = error
    except (AwsError, GmailTrouble) as error:
        ours.update(error=str(error)[:500], next_action=error.next_action[:500])
        raise
    else:
        ours.update(checked_at=Now(), history_id=history_id, error="", next_action="")
        return GmailState.CONNECTED
    changed = ours.update(state=GmailState.NEEDS_RECONNECT, error=str(gone)[:500], next_action=gone.next_action[:500])
    if changed:
        _ask_to_reconnect(connection.tenant)
    connection.refresh_from_db(fields=["state"])
    return GmailState(connection.state)


def _secret(connection: GmailConnection) -> dict[str, Any]:
    """The stored token. Raises ConsentGone when there is none, GmailTrouble when it may only not be seen yet."""
    try:
        return secrets.get_secret(name=connection.tenant.secret_name)
    except SecretMissing:
        stored_at = connection.connected_at
        if stored_at is not None and timezone.now() - stored_at < timedelta(seconds=SPREAD_SECONDS):
            raise GmailTrouble("The permission was stored just now and can't be read yet.") from None
        raise ConsentGone("The stored permission is gone from Secrets Manager.") from None


def _ask_to_reconnect(customer: Customer) -> None:
    """One mail, by whoever made the transition. When it can't be sent, the connection says so to staff."""
    link = connect_link(customer=customer, actor=None, valid_for=timedelta(days=settings.GMAIL_MAIL_LINK_DAYS))
    values = {"customer": customer, "url": link.url, "expires_at": link.expires_at}
    try:
        mail_send([customer.email], "gmail/mail/needs_reconnect", values)
    except OSError as error:  # smtplib's errors are among them.
        logger.warning("The mail to customer %s could not be sent: %s", customer.id, type(error).__name__)
        GmailConnection.objects.filter(tenant=customer, state=GmailState.NEEDS_RECONNECT).update(
            next_action="The mail to the customer could not be sent. Send a new connect link yourself."
        )
