"""The token's way from the outbox into Secrets Manager. Runs in the platform's context."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from openclaw_site.aws import secrets
from openclaw_site.aws.errors import AwsError
from tenants.gmail.crypto import TokenUnreadable, decrypt
from tenants.gmail.selectors import LEAVING
from tenants.gmail.services.revocation import revoke_unless_shared
from tenants.models import Customer, GmailConnection, GmailState, TokenOutbox
from tenants.onboarding.services import provisioning_wake


def token_deliver(*, customer_id: uuid.UUID) -> bool:
    """The customer's waiting token is its secret in Secrets Manager, and the outbox row is erased.

    True when this call brought it there; False when there was none, somebody else has it, or the customer is leaving
    (its token is then revoked, not stored). Safe to repeat and to run twice at once: the same value is stored. Raises
    AwsError or TokenUnreadable; the row then stays, with the error on it, for the sweep.
    """
    row = TokenOutbox.objects.select_related("tenant").filter(tenant_id=customer_id).first()
    if row is None:
        return False
    ciphertext = bytes(row.ciphertext)
    ours = TokenOutbox.objects.filter(id=row.id, ciphertext=ciphertext)
    if not ours.filter(attempts=row.attempts).update(attempts=F("attempts") + 1):
        return False
    try:
        secret = decrypt(ciphertext)
        if row.tenant.state in LEAVING:
            _revoke(secret, row.tenant)
            ours.delete()
            return False
        secrets.put_secret(name=row.tenant.secret_name, value=secret, tags={"TenantID": row.tenant.tenant_hex})
    except (AwsError, TokenUnreadable) as error:
        _record_failure(row, error)
        raise
    return _record_stored(row.tenant, ciphertext, secret)


def _record_failure(row: TokenOutbox, error: AwsError | TokenUnreadable) -> None:
    text = str(error)[:400]
    TokenOutbox.objects.filter(id=row.id).update(error=text)
    GmailConnection.objects.filter(tenant_id=row.tenant_id, state=GmailState.STORING).update(
        error=f"The token could not be stored yet: {text}", next_action=error.next_action[:500]
    )


def _record_stored(customer: Customer, ciphertext: bytes, secret: dict[str, Any]) -> bool:
    with transaction.atomic():
        # Closing locks the customer too: either it sees our secret, or we see that it is leaving.
        leaving = Customer.objects.select_for_update().get(id=customer.id).state in LEAVING
        erased, _ = TokenOutbox.objects.filter(tenant_id=customer.id, ciphertext=ciphertext).delete()
        if erased and not leaving:
            # An owner who disconnects meanwhile is not overruled: what was stored now goes with the rest.
            rows = GmailConnection.objects.filter(tenant_id=customer.id).exclude(state=GmailState.DISCONNECTING)
            rows.update(state=GmailState.CONNECTED, connected_at=Now(), checked_at=None, error="", next_action="")
            provisioning_wake(customer_id=customer.id)
    if leaving:
        secrets.delete_secret(name=customer.secret_name)
        _revoke(secret, customer)
    # When nothing was erased, a newer consent replaced the token meanwhile and delivers its own.
    return bool(erased) and not leaving


def _revoke(secret: dict[str, Any], customer: Customer) -> None:
    revoke_unless_shared(customer_id=customer.id, refresh_tokens=[str(secret["refresh_token"])])
