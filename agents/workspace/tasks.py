"""Celery's way into the workspace's services: ids in, nothing out. Every task may run twice."""

import logging
import uuid
from typing import Any

from celery import shared_task
from django.utils import timezone

from agents.workspace import services
from agents.workspace.errors import DraftHeld
from agents.workspace.services.gmail_drafts import CLAIM_HOLDS
from openclaw_site.aws.errors import AwsError
from tenants.gmail.google import GmailTrouble
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer

logger = logging.getLogger(__name__)

_RETRIES = 5
_FIRST_PAUSE_SECONDS = 5
_HELD_SECONDS = CLAIM_HOLDS.total_seconds() + 5


@shared_task(name="agents.workspace.tasks.gmail_draft_put", bind=True, max_retries=_RETRIES)
def gmail_draft_put(self: Any, customer_id: str, draft_id: str) -> None:
    """Put one approved draft into the customer's Gmail; tried for some minutes while Gmail or AWS is away.

    Where another call has the draft, it is looked at again when that one must be over: it may be a dead worker's.
    """
    customer_uuid, draft_uuid = uuid.UUID(customer_id), uuid.UUID(draft_id)
    with enter_customer(customer_uuid):
        try:
            services.gmail_draft_put(customer=Customer.objects.get(id=customer_uuid), draft_id=draft_uuid)
        except DraftHeld as error:
            raise self.retry(countdown=_HELD_SECONDS) from error
        except (GmailTrouble, AwsError) as error:
            logger.warning("Draft %s of customer %s is not in Gmail yet: %s", draft_id, customer_id, error)
            if self.request.retries >= _RETRIES:
                services.gmail_draft_give_up(draft_id=draft_uuid, why="Gmail could not be reached for a while.")
                return
            raise self.retry(countdown=_FIRST_PAUSE_SECONDS * 2**self.request.retries) from error


@shared_task(name="agents.workspace.tasks.export_make", bind=True, max_retries=_RETRIES)
def export_make(self: Any, customer_id: str, export_id: str) -> None:
    """Make one archive of a customer's data; tried again while AWS is away, and by the sweep when a worker died."""
    customer_uuid, export_uuid = uuid.UUID(customer_id), uuid.UUID(export_id)
    with enter_customer(customer_uuid):
        customer = Customer.objects.filter(id=customer_uuid).first()
        if customer is None:
            return
        try:
            services.export_make(customer=customer, export_id=export_uuid)
        except AwsError as error:
            logger.warning("Export %s of customer %s is not made yet: %s", export_id, customer_id, error)
            if self.request.retries >= _RETRIES:
                services.export_give_up(export_id=export_uuid)
                return
            raise self.retry(countdown=_FIRST_PAUSE_SECONDS * 2**self.request.retries) from error


@shared_task(name="agents.workspace.tasks.exports_sweep")
def exports_sweep() -> None:
    """Delete archives whose time is over, and have those made that a worker left. Runs every five minutes."""
    with enter_platform():
        services.exports_sweep()


@shared_task(name="agents.workspace.tasks.members_mail")
def members_mail() -> None:
    """Have every customer looked through whose members want mails. Runs every five minutes."""
    with enter_platform():
        for customer_id in services.customers_to_mail():
            customer_members_mail.delay(str(customer_id))


@shared_task(name="agents.workspace.tasks.customer_members_mail")
def customer_members_mail(customer_id: str) -> None:
    """Claim the mails that members of one customer are due, and have each sent."""
    with enter_customer(uuid.UUID(customer_id)):
        for mail_id in services.member_mails_claim(customer_id=uuid.UUID(customer_id), now=timezone.now()):
            member_mail_send.delay(customer_id, str(mail_id))


@shared_task(
    name="agents.workspace.tasks.member_mail_send", autoretry_for=(OSError,), retry_backoff=10, max_retries=_RETRIES
)
def member_mail_send(customer_id: str, mail_id: str) -> None:
    """Send one claimed mail to one member; again only when the mail server did not take it."""
    with enter_customer(uuid.UUID(customer_id)):
        services.member_mail_send(mail_id=uuid.UUID(mail_id))
