"""What Google's answer to a consent is worth: taken into the outbox, or refused and given back.

The caller is anybody's browser: nothing but the signed intent is believed.
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from tenants.gmail import google
from tenants.gmail.crypto import encrypt
from tenants.gmail.outcomes import MESSAGES, ConsentRefused, Outcome
from tenants.gmail.selectors import account_in_use
from tenants.gmail.services.intents import intent_consume, intent_entered
from tenants.isolation.context import enter_platform
from tenants.models import GmailConnection, GmailIntent, GmailState, TokenOutbox


@dataclass(frozen=True, slots=True)
class Consent:
    """What Google handed over: for which account, which scopes, and the lasting token. Its repr hides the token."""

    email: str
    email_verified: bool
    scopes: frozenset[str]
    refresh_token: str = field(repr=False)


def consent_accept(*, intent_token: str, consent: Consent) -> None:
    """The token lies encrypted in the customer's outbox, the intent is used, delivery follows the commit.

    Enters the customer's context itself. Raises ConsentRefused; then nothing was taken, the intent can be used again
    where that makes sense, and Google was asked to forget the consent unless that would cut off a customer.
    """
    try:
        with intent_entered(intent_token) as intent, transaction.atomic():
            _check(intent, consent)
            intent_consume(intent)
            _store(intent, consent)
    except ConsentRefused:
        _give_back(consent)
        raise


def refusal_note(*, intent_token: str, outcome: Outcome) -> None:
    """Staff can see on the customer's page how the last try ended. Nothing happens when the intent is not good."""
    try:
        with intent_entered(intent_token) as intent:
            connections = GmailConnection.objects.filter(tenant_id=intent.tenant_id)
            connections.filter(state__in=[GmailState.NOT_CONNECTED, GmailState.NEEDS_RECONNECT]).update(
                error=f"The last try ended with: {MESSAGES[outcome].title.lower()}.",
                next_action="Ask the customer to try again, or send a new connect link.",
            )
    except ConsentRefused:
        return


def _check(intent: GmailIntent, consent: Consent) -> None:
    if not consent.email_verified or consent.email.casefold() != intent.tenant.email.casefold():
        raise ConsentRefused(Outcome.WRONG_ACCOUNT)
    if not consent.scopes.issuperset(settings.GMAIL_SCOPES):
        raise ConsentRefused(Outcome.MISSING_SCOPE)
    if not consent.refresh_token:
        raise ConsentRefused(Outcome.NOT_LASTING)


def _store(intent: GmailIntent, consent: Consent) -> None:
    from tenants.gmail.tasks import token_deliver

    secret = {
        "access_token": "",
        "refresh_token": consent.refresh_token,
        "token_uri": settings.GOOGLE_TOKEN_URL,
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
        "scopes": _kept_scopes(intent, consent),
    }
    TokenOutbox.objects.update_or_create(
        tenant_id=intent.tenant_id,
        defaults={"ciphertext": encrypt(secret), "attempts": 0, "error": "", "created_at": Now()},
    )
    GmailConnection.objects.filter(tenant_id=intent.tenant_id).update(
        state=GmailState.STORING,
        google_email=consent.email,
        scopes=sorted(consent.scopes - {settings.GMAIL_DRAFT_SCOPE} | set(_kept_scopes(intent, consent))),
        connected_by_id=intent.actor_id,
        error="",
        next_action="",
    )
    # With the broker away the token is safe where it is, and the sweep delivers it.
    transaction.on_commit(lambda: token_deliver.delay(str(intent.tenant_id)), robust=True)


def _kept_scopes(intent: GmailIntent, consent: Consent) -> list[str]:
    """What the token is used for: reading and, if that was wanted and given, drafts."""
    wants_drafts = intent.with_drafts and settings.GMAIL_DRAFT_SCOPE in consent.scopes
    return [*settings.GMAIL_SCOPES, *([settings.GMAIL_DRAFT_SCOPE] if wants_drafts else [])]


def _give_back(consent: Consent) -> None:
    """Revoke what we did not want. Google then ends every grant of that account, so never one that a customer uses."""
    if not consent.refresh_token or not consent.email:
        return
    # The one question on the public host that looks across customers; its answer reaches nobody.
    with enter_platform():
        in_use = account_in_use(email=consent.email)
    if not in_use:
        google.revoke(consent.refresh_token)
