"""Erases what mail said when its time is over, one customer at a time. The customer's own context, entered by itself.

Owns what goes when (docs/operations.md, "Retention", says it for people). The period is the plan's
`mail_retention_days`; activities hold no mail text and have a period of their own; what was used of the model is money
and stays, as do the profile and how far each agent has read. Batches of their own transactions, so that nobody waits
for long, and what a kill left is erased by the next day's round.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from agents.plans import terms_of
from agents.workspace.models import Activity, Brief, Draft, DraftStatus, InboxMessage, Lead
from tenants.isolation.context import enter_customer
from tenants.models import Customer

logger = logging.getLogger(__name__)

# Thirteen months, so that a month can be compared with the same one of the year before.
ACTIVITY_DAYS: Final = 400
BATCH: Final = 1_000


def customer_mail_erase(*, customer: Customer) -> dict[str, int]:
    """Nothing of the customer's is older than its plan keeps it; how many rows of each table were erased.

    Safe to repeat, at any moment, also while agents work. Raises PlanMissing, and django.db.ProgrammingError when the
    customer has no schema. Needs the platform's context for the plan.
    """
    now = timezone.now()
    line = now - timedelta(days=terms_of(customer.plan).mail_retention_days)
    with enter_customer(customer.id):
        erased = {
            "drafts": _erase(_drafts(customer.id, line)),
            "leads": _in_batches(lambda: _erase_leads(customer.id, line)),
            "inbox_messages": _erase(InboxMessage.objects.filter(tenant_id=customer.id, received_at__lt=line)),
            "briefs": _erase(Brief.objects.filter(tenant_id=customer.id, day__lt=line.date())),
            "activities": _erase(
                Activity.objects.filter(tenant_id=customer.id, created_at__lt=now - timedelta(days=ACTIVITY_DAYS))
            ),
        }
    logger.info(
        "Customer %s: erased by age: %s.", customer.id, ", ".join(f"{name} {number}" for name, number in erased.items())
    )
    return erased


def _drafts(customer_id: uuid.UUID, line: datetime) -> QuerySet[Draft]:
    """Decided and not touched since. What waits for a decision is the customer's work, however old."""
    touched = Draft.objects.filter(tenant_id=customer_id).exclude(status=DraftStatus.PENDING)
    # PostgreSQL's greatest() leaves out what is null.
    return touched.annotate(touched_at=Greatest("updated_at", F("decided_at"))).filter(touched_at__lt=line)


def _leads(customer_id: uuid.UUID, line: datetime) -> QuerySet[Lead]:
    """Not touched since, and without a draft."""
    drafts = Draft.objects.filter(tenant_id=customer_id, lead_id=OuterRef("pk"))
    return Lead.objects.filter(~Exists(drafts), tenant_id=customer_id, updated_at__lt=line)


def _erase_leads(customer_id: uuid.UUID, line: datetime) -> int:
    """One batch. Locked first and looked at again: a draft that Writer saves meanwhile keeps its lead.

    The lock makes an agent that is about to commit a draft wait, and then find that its lead is gone.
    """
    with transaction.atomic():
        old = _leads(customer_id, line).select_for_update(of=("self",), skip_locked=True)
        locked = [lead.pk for lead in old.only("pk")[:BATCH]]
        erased, _ = _leads(customer_id, line).filter(pk__in=locked).delete()
    return erased


def _erase(rows: QuerySet[Any]) -> int:
    batch = rows.order_by().values("pk")[:BATCH]
    return _in_batches(lambda: rows.model._default_manager.filter(pk__in=batch).delete()[0])


def _in_batches(erase: Callable[[], int]) -> int:
    total = 0
    while erased := erase():
        total += erased
    return total
