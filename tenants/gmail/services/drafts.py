"""Putting one draft into a customer's Gmail, with the token that its consent gave. Needs the customer's context."""

from django.conf import settings

from openclaw_site.aws import secrets
from openclaw_site.aws.errors import SecretMissing
from tenants.gmail import compose
from tenants.gmail.compose import DraftRefused, Letter, Placed
from tenants.gmail.google import ConsentGone
from tenants.models import Customer, GmailConnection, GmailState


def draft_put(*, customer: Customer, key: str, thread_id: str, recipient: str, subject: str, body: str) -> Placed:
    """The draft lies in the customer's Gmail, once for each `key`; where, and under which subject.

    Safe to repeat. Raises DraftRefused or ConsentGone (a person must do something, `next_action` says what),
    GmailTrouble or AwsError (another time it may go).
    """
    connection = GmailConnection.objects.get(tenant_id=customer.id)
    if settings.GMAIL_DRAFT_SCOPE not in connection.scopes:
        raise DraftRefused(
            "Gmail is connected without the permission to put drafts into it.",
            next_action="Connect Gmail again and tick that approved drafts are put into it.",
        )
    if connection.state == GmailState.NEEDS_RECONNECT:
        raise ConsentGone("Gmail must be connected again first.")
    try:
        secret = secrets.get_secret(name=customer.secret_name)
    except SecretMissing:
        raise ConsentGone("Gmail must be connected again first.") from None
    letter = Letter(
        message_id=f"<{key}@{settings.PUBLIC_HOST}>",
        thread_id=thread_id,
        sender=connection.google_email or customer.email,
        recipient=recipient,
        subject=subject,
        body=body,
    )
    return compose.put(secret, letter)
