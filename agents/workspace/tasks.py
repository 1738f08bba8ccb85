"""Celery's way into the workspace's services: ids in, nothing out. Every task may run twice."""

import logging
import uuid
from typing import Any

from celery import shared_task

from agents.workspace import services
from agents.workspace.errors import DraftHeld
from agents.workspace.services.gmail_drafts import CLAIM_HOLDS
from openclaw_site.aws.errors import AwsError
from tenants.gmail.google import GmailTrouble
from tenants.isolation.context import enter_customer
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
