"""Who is told, by one mail each, that an account is closed. What the mail says is `tenants.members.mails`'.

The owners of the moment at which the closing begins: while it goes on, memberships may be taken away. The mail is
queued when the customer is closed; what the broker or the mail server lost, the sweep queues again. Platform context.
"""

import uuid
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from tenants.models import ClosingMail, Customer, CustomerState, MembershipRole, User

# A mail that is not sent so long after the end was lost; after the second it would be no news.
_LOST_AFTER, _STALE_AFTER = timedelta(minutes=10), timedelta(days=7)
_WAITING: Final = {"mailed_at": None, "tenant__state": CustomerState.CLOSED}


def farewell_note(*, customer: Customer) -> None:
    """The owners' addresses are written down. Safe to repeat. Staff and deactivated people have left already."""
    owners = User.objects.filter(
        is_active=True, is_staff=False, memberships__tenant=customer, memberships__role=MembershipRole.OWNER
    )
    rows = [ClosingMail(tenant=customer, email=email) for email in owners.values_list("email", flat=True)]
    ClosingMail.objects.bulk_create(rows, ignore_conflicts=True)


def farewell_queue(*, customer_id: uuid.UUID) -> None:
    """On commit, each mail of this customer that was not sent is queued. Safe to repeat."""
    waiting = list(ClosingMail.objects.filter(tenant=customer_id, mailed_at=None).values_list("id", flat=True))
    transaction.on_commit(lambda: _send(waiting), robust=True)


def farewells_sweep() -> int:
    """Mails that were lost on the way are queued again; how many. Safe to repeat."""
    now = timezone.now()
    lost = ClosingMail.objects.filter(
        **_WAITING, tenant__closed_at__lt=now - _LOST_AFTER, tenant__closed_at__gt=now - _STALE_AFTER
    )
    found = list(lost.values_list("id", flat=True))
    _send(found)
    return len(found)


def _send(mail_ids: list[uuid.UUID]) -> None:
    from tenants.members.tasks import closed_mail_send

    for mail_id in mail_ids:
        closed_mail_send.delay(str(mail_id))
