"""Notices to a customer's owners: written once, mailed once. Platform context."""

import uuid
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from billing.models import Invoice, Notice, Subscription

# A mail that is not sent so long after it was queued was lost with its message.
_LOST_AFTER: Final = timedelta(minutes=30)


def notice_queue(*, subscription: Subscription, kind: str, about: date) -> None:
    """The owners are told of this, once. Safe to repeat; with the broker away the sweep mails it later."""
    from billing.tasks import notice_mail_send

    notice, is_new = Notice.objects.get_or_create(
        subscription=subscription, kind=kind, about=about, defaults={"tenant": subscription.tenant}
    )
    if is_new:
        transaction.on_commit(lambda: notice_mail_send.delay(str(notice.pk)), robust=True)


def notices_unmailed() -> list[uuid.UUID]:
    """Notices whose mail was lost on the way."""
    lost = Notice.objects.filter(mailed_at=None, created_at__lt=timezone.now() - _LOST_AFTER)
    return list(lost.values_list("pk", flat=True))


def invoices_unmailed() -> list[uuid.UUID]:
    """Invoices and credit notes whose mail was lost on the way."""
    lost = Invoice.objects.filter(mailed_at=None, created_at__lt=timezone.now() - _LOST_AFTER)
    return list(lost.values_list("pk", flat=True))
