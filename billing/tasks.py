"""Celery's way into the services about money, on the queue `default`. Each task is safe to run twice."""

import uuid
from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from billing import services, subscription_mails
from tenants.isolation.context import enter_platform

# A mail server that is away for a while costs no mail. smtplib's errors are among OSError.
_PATIENT: dict[str, Any] = {"autoretry_for": (OSError,), "retry_backoff": 10, "max_retries": 6}


@shared_task(name="billing.tasks.subscriptions_advance")
def subscriptions_advance() -> None:
    """Every subscription is where the day puts it, and mails that were never sent are. Beat calls it."""
    with enter_platform():
        services.subscriptions_begin()
        services.subscriptions_advance()
        for invoice_id in services.invoices_unmailed():
            invoice_mail_send.delay(str(invoice_id))
        for notice_id in services.notices_unmailed():
            notice_mail_send.delay(str(notice_id))


@shared_task(name="billing.tasks.subscription_advance")
def subscription_advance(subscription_id: str) -> None:
    """Carry out what somebody wished of one subscription."""
    with enter_platform(), transaction.atomic():
        locked = services.subscription_locked(uuid.UUID(subscription_id))
        services.subscription_advance(subscription=locked, now=timezone.now())


@shared_task(name="billing.tasks.invoice_mail_send", **_PATIENT)
def invoice_mail_send(invoice_id: str) -> None:
    """Mail one invoice, unless it was."""
    with enter_platform():
        subscription_mails.invoice_mail(uuid.UUID(invoice_id))


@shared_task(name="billing.tasks.notice_mail_send", **_PATIENT)
def notice_mail_send(notice_id: str) -> None:
    """Mail one notice, unless it was."""
    with enter_platform():
        subscription_mails.notice_mail(uuid.UUID(notice_id))
