"""The end of a connection that an owner asks for: marked at once in the customer's context, done by a job.

The web process can read and delete no secret, so the work is the provisioner's. The mark stops the agents meanwhile.
"""

import logging
import uuid

from django.db import transaction

from tenants.gmail.services.disconnect import connection_disconnect
from tenants.models import GmailConnection, GmailState, User

logger = logging.getLogger(__name__)

_ENDING = (GmailState.NOT_CONNECTED, GmailState.DISCONNECTING)
_TELL_GOOGLE = "Google was not told: it did not answer, or another account here reads the same mailbox."
_REMOVE_YOURSELF = "To be sure, remove our app at myaccount.google.com/permissions."


def disconnection_ask(*, customer_id: uuid.UUID, actor: User) -> bool:
    """The connection is being ended; whether there was one to end. Safe to repeat. Customer's context."""
    from tenants.gmail.tasks import connection_disconnect as task

    with transaction.atomic():
        rows = GmailConnection.objects.filter(tenant_id=customer_id).exclude(state__in=_ENDING)
        asked = rows.update(state=GmailState.DISCONNECTING, error="", next_action="")
        if asked:
            logger.info("Gmail of customer %s is disconnected by user %s", customer_id, actor.pk)
            # With the broker away the sweep finds the mark.
            transaction.on_commit(lambda: task.delay(str(customer_id)), robust=True)
    return bool(asked)


def disconnection_finish(*, customer_id: uuid.UUID) -> bool:
    """Nothing of ours reads the mailbox; False when nobody asks for that any more. Safe to repeat. Platform's context.

    What Google was not told stands on the connection afterwards, for the owner. Raises AwsError.
    """
    rows = GmailConnection.objects.filter(tenant_id=customer_id)
    if not rows.filter(state=GmailState.DISCONNECTING).exists():
        return False
    found = connection_disconnect(customer_id=customer_id)
    if found.get("revoked_at_google") is False:
        ended = rows.filter(state=GmailState.NOT_CONNECTED)
        ended.update(error=_TELL_GOOGLE, next_action=_REMOVE_YOURSELF)
    return True
