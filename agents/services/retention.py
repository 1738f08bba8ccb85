"""Erases what mail said when its time is over, one customer at a time. The customer's own context, entered by itself.

Owns what goes when (docs/operations.md, "Retention", says it for people). The period is the plan's
`mail_retention_days`, counted from when anybody last touched a thing; activities hold no mail text and have a period of
their own; what was used of the model is money and stays, as do the profile and how far each agent has read. Batches of
their own transactions, so that nobody waits for long, and what a kill left is erased by the next day's round.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agents.plans import terms_of
from agents.workspace.models import Activity, Brief, Draft, InboxMessage, Lead
from tenants.isolation.context import enter_customer
from tenants.models import Customer

logger = logging.getLogger(__name__)

# Thirteen months, so that a month can be compared with the same one of the year before.
ACTIVITY_DAYS: Final = 400
BATCH: Final = 1_000


def customer_mail_erase(*, customer: Customer) -> dict[str, int]:
    """Nothing of the customer's is older than its plan keeps it; how many rows of each table were erased.

    Safe to repeat, at any moment, also while agents work. Raises PlanMissing, when activities alone were erased, and
    django.db.ProgrammingError when the customer has no schema. Needs the platform's context for the plan.
    """
    now = timezone.now()
    old_activities = Activity.objects.filter(tenant_id=customer.id, created_at__lt=now - timedelta(days=ACTIVITY_DAYS))
    with enter_customer(customer.id):
        activities = _erase(old_activities)
    line = now - timedelta(days=terms_of(customer.plan).mail_retention_days)
    with enter_customer(customer.id):
        erased = {
            "drafts": _erase(_drafts(customer.id, line)),
            "leads": _in_batches(lambda: _erase_leads(customer.id, line)),
            "inbox_messages": _erase(_messages(customer.id, line)),
            "briefs": _erase(Brief.objects.filter(tenant_id=customer.id, day__lt=line.date())),
            "activities": activities,
        }
    logger.info(
        "Customer %s: erased by age: %s.", customer.id, ", ".join(f"{name} {number}" for name, number in erased.items())
    )
    return erased


def _drafts(customer_id: uuid.UUID, line: datetime) -> QuerySet[Draft]:
    """Neither written, edited nor decided since, whether they were decided or still wait."""
    undecided_or_long_ago = Q(decided_at=None) | Q(decided_at__lt=line)
    return Draft.objects.filter(undecided_or_long_ago, tenant_id=customer_id, updated_at__lt=line)


def _messages(customer_id: uuid.UUID, line: datetime) -> QuerySet[InboxMessage]:
    """Neither received nor stored since: an agent's first look takes in mail that is older than the line, too."""
    return InboxMessage.objects.filter(tenant_id=customer_id, received_at__lt=line, created_at__lt=line)


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
    """Locked first, so that nothing goes that somebody touches at this moment: that waits for the next day's round."""
    return _in_batches(lambda: _erase_batch(rows))


def _erase_batch(rows: QuerySet[Any]) -> int:
    with transaction.atomic():
        locked = list(rows.order_by().select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        erased: int = rows.model._default_manager.filter(pk__in=locked).delete()[0]
    return erased


def _in_batches(erase: Callable[[], int]) -> int:
    total = 0
    while erased := erase():
        total += erased
    return total
