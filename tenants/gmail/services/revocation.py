"""Giving a customer's tokens back to Google without cutting off another customer."""

import uuid
from collections.abc import Iterable

from tenants.gmail import google
from tenants.gmail.selectors import account_in_use
from tenants.models import GmailConnection


def revoke_unless_shared(*, customer_id: uuid.UUID, refresh_tokens: Iterable[str]) -> bool:
    """Google holds no grant for these tokens of the customer any more. Runs in the platform's context; safe to repeat.

    False when Google did not answer, or when another customer's agents read the same mailbox: Google would end their
    grant too.
    """
    connection = GmailConnection.objects.select_related("tenant").get(tenant_id=customer_id)
    if account_in_use(email=connection.google_email or connection.tenant.email, but=customer_id):
        return False
    answers = [google.revoke(token) for token in refresh_tokens]
    return all(answers)
