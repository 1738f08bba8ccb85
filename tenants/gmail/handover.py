"""From Google's answer into the outbox: the token is checked, encrypted, and on its way to Secrets Manager."""

import json
import logging
from dataclasses import dataclass, field

import httpx
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction

from tenants.gmail.errors import ConsentRefused
from tenants.gmail.intents import Intent, intent_consume, intent_open
from tenants.isolation.context import enter_customer
from tenants.models import GmailConnection, GmailState, TokenOutbox

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consent:
    """What Google answered. Its tokens are left out of its text form, which may end in a log."""

    email: str
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    scopes: tuple[str, ...]


def consent_take(*, intent_token: str, consent: Consent) -> None:
    """Put the token into the customer's outbox and have it delivered. Raises ConsentRefused; then nothing is stored.

    The intent is used up with the same commit. A token that is not wanted is given back to Google.
    """
    try:
        intent = intent_open(token=intent_token)
        _check(intent, consent)
    except ConsentRefused:
        token_revoke(token=consent.refresh_token or consent.access_token)
        raise
    with enter_customer(intent.customer.id), transaction.atomic():
        intent_consume(intent=intent)
        TokenOutbox.objects.update_or_create(
            tenant_id=intent.customer.id,
            defaults={"ciphertext": encrypt(secret_value(consent)), "attempts": 0, "error": ""},
        )
        GmailConnection.objects.filter(tenant_id=intent.customer.id).update(
            state=GmailState.STORING,
            google_email=consent.email,
            scopes=list(settings.GMAIL_SCOPES),
            connected_by_id=intent.actor_id,
            error="",
            next_action="",
        )
        from tenants.gmail.tasks import token_deliver_task

        token_deliver_task.delay_on_commit(str(intent.customer.id))  # type: ignore[attr-defined]


def secret_value(consent: Consent) -> dict[str, object]:
    """The secret's JSON. The access token is not kept: it is fetched anew with the refresh token."""
    return {
        "access_token": "",
        "refresh_token": consent.refresh_token,
        "token_uri": settings.GOOGLE_TOKEN_URL,
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
        "scopes": list(settings.GMAIL_SCOPES),
    }


def encrypt(value: dict[str, object]) -> bytes:
    """`value` as JSON under the first of FIELD_KEY's keys."""
    return _fernet().encrypt(json.dumps(value).encode())


def decrypt(ciphertext: bytes) -> dict[str, object]:
    """The value again, under any of FIELD_KEY's keys. Raises cryptography.fernet.InvalidToken."""
    value: dict[str, object] = json.loads(_fernet().decrypt(bytes(ciphertext)))
    return value


def token_revoke(*, token: str) -> bool:
    """Give a token back to Google; False when Google did not take it. Safe to repeat."""
    if not token:
        return False
    try:
        reply = httpx.post(settings.GOOGLE_REVOKE_URL, data={"token": token}, timeout=5.0)
    except httpx.HTTPError:
        logger.warning("Google did not answer when a token was given back.")
        return False
    return reply.is_success


def _check(intent: Intent, consent: Consent) -> None:
    if consent.email != intent.customer.email.lower():
        raise ConsentRefused("wrong-account")
    if not set(settings.GMAIL_SCOPES) <= set(consent.scopes):
        raise ConsentRefused("scope-missing")
    if not consent.refresh_token:
        raise ConsentRefused("no-refresh-token")


def _fernet() -> MultiFernet:
    """FIELD_KEY is one key or several with commas between them: the first encrypts, all decrypt."""
    return MultiFernet([Fernet(key.strip()) for key in settings.FIELD_KEY.split(",")])
