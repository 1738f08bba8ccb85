"""Celery's way to the Gmail connection: deliver tokens, prove connections."""

import logging
import uuid
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.db.models.functions import Now

from openclaw_site.aws.errors import AwsError
from tenants.gmail.services import connection_check, token_deliver
from tenants.isolation.context import enter_platform
from tenants.models import GmailConnection, GmailState, TokenOutbox

logger = logging.getLogger(__name__)
BATCH = 50
CHECK_EVERY = timedelta(minutes=15)


@shared_task(name="tenants.gmail.tasks.token_deliver")
def token_deliver_task(customer_id: str) -> None:
    """Deliver one customer's token; a failure of AWS is left to the sweep."""
    with enter_platform():
        try:
            token_deliver(customer_id=uuid.UUID(customer_id))
        except AwsError as error:
            logger.warning("A Gmail token could not be stored yet: %s", error)


@shared_task(name="tenants.gmail.tasks.tokens_sweep")
def tokens_sweep() -> None:
    """Try again what is still in the outbox. Runs every 30 s."""
    with enter_platform():
        waiting = list(
            TokenOutbox.objects.order_by("attempts", "created_at").values_list("tenant_id", flat=True)[:BATCH]
        )
    for customer_id in waiting:
        token_deliver_task.delay(str(customer_id))


@shared_task(name="tenants.gmail.tasks.connections_check")
def connections_check() -> None:
    """Prove the connections that were longest without a proof, a bounded number at a time."""
    with enter_platform():
        due = GmailConnection.objects.filter(state=GmailState.CONNECTED).filter(
            Q(checked_at__isnull=True) | Q(checked_at__lt=Now() - CHECK_EVERY)
        )
        for customer_id in list(due.order_by("checked_at").values_list("tenant_id", flat=True)[:BATCH]):
            connection_check(customer_id=customer_id)
