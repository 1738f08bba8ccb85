"""The end of a connection. Runs in the platform's context."""

import uuid
from contextlib import suppress
from typing import Any

from openclaw_site.aws import secrets
from openclaw_site.aws.errors import InvalidRequest, SecretMissing
from tenants.gmail.crypto import TokenUnreadable, decrypt
from tenants.gmail.services.revocation import revoke_unless_shared
from tenants.models import Customer, GmailConnection, GmailState, TokenOutbox


def connection_disconnect(*, customer_id: uuid.UUID) -> dict[str, Any]:
    """Nothing of ours can read the mailbox: revoked at Google, secret scheduled for deletion (7 days), outbox empty.

    Returns what was found: `secret` and `deletes_at` (until then it can be restored), `outbox_rows`, and
    `revoked_at_google` (False: Google did not answer, or another customer's agents use the same account). Empty when
    there was nothing. Safe to repeat. Raises AwsError.
    """
    customer = Customer.objects.get(id=customer_id)
    found: dict[str, Any] = {}
    tokens = _tokens(customer)
    if tokens:
        found["revoked_at_google"] = revoke_unless_shared(customer_id=customer.id, refresh_tokens=tokens)
    deletion = secrets.delete_secret(name=customer.secret_name)
    if deletion is not None:
        found |= {"secret": deletion.name, "deletes_at": deletion.deletes_at.isoformat(timespec="seconds")}
    erased, _ = TokenOutbox.objects.filter(tenant=customer).delete()
    if erased:
        found["outbox_rows"] = erased
    GmailConnection.objects.filter(tenant=customer).update(
        state=GmailState.NOT_CONNECTED, google_email="", scopes=[], checked_at=None, error="", next_action=""
    )
    return found


def _tokens(customer: Customer) -> list[str]:
    """Every refresh token that we hold of this customer. One that can't be read can't be revoked, only deleted."""
    held: list[dict[str, Any]] = []
    with suppress(SecretMissing, InvalidRequest):
        held.append(secrets.get_secret(name=customer.secret_name))
    row = TokenOutbox.objects.filter(tenant=customer).first()
    if row is not None:
        with suppress(TokenUnreadable):
            held.append(decrypt(bytes(row.ciphertext)))
    return [str(secret["refresh_token"]) for secret in held if secret.get("refresh_token")]
