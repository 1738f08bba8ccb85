"""What members read in their customer's schema. Customer's context; Row-Level Security holds beside it.

Lists come in pages, each in a number of queries that does not grow with what the page holds.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from agents.workspace.models import (
    Activity,
    Brief,
    Draft,
    DraftStatus,
    GmailDraftState,
    InboxMessage,
    Lead,
    ModelUsage,
    Profile,
)

PAGE_SIZE = 25
# What a tick costs is the operators' to read.
_NOT_FOR_MEMBERS = ("usage",)
REFUSED = "tool_refused"
# Longer than a worker pauses between two tries, and than a claim holds.
STUCK_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of what, and how much of it waits for a member."""

    messages: int
    need_reply: int
    leads: int
    drafts_pending: int


def counts() -> Counts:
    """The figures of the overview. Three queries."""
    mail = InboxMessage.objects.aggregate(total=Count("id"), need_reply=Count("id", filter=Q(needs_reply=True)))
    pending = Draft.objects.filter(status=DraftStatus.PENDING).count()
    return Counts(mail["total"], mail["need_reply"], Lead.objects.count(), pending)


def brief_newest() -> Brief | None:
    """The report on the newest day that has one."""
    return Brief.objects.order_by("-day").first()


def messages_page(*, which: str, number: str) -> Page[Any]:
    """Messages, newest first: `all`, those that need a `reply`, or the `urgent` ones."""
    rows = InboxMessage.objects.order_by("-received_at", "id")
    if which == "reply":
        rows = rows.filter(needs_reply=True)
    elif which == "urgent":
        rows = rows.filter(urgency="high")
    return page_of(rows, number)


def drafts_page(*, status: str, number: str) -> Page[Any]:
    """Drafts of one status, with their leads, the latest changed first."""
    rows = Draft.objects.filter(status=status).select_related("lead").order_by("-updated_at", "id")
    return page_of(rows, number)


def draft_counts() -> dict[str, int]:
    """How many drafts have each status."""
    found = dict(Draft.objects.order_by().values_list("status").annotate(number=Count("id")))
    return {status: found.get(status, 0) for status in DraftStatus.values}


def draft_find(*, draft_id: uuid.UUID) -> Draft:
    """The draft with its lead. Raises Draft.DoesNotExist."""
    return Draft.objects.select_related("lead").get(id=draft_id)


def draft_evidence(*, draft: Draft) -> InboxMessage | None:
    """The message that a draft answers: the one that shows its lead, or else the newest of its thread."""
    if draft.lead is not None and draft.lead.evidence_message_id:
        found = InboxMessage.objects.filter(gmail_id=draft.lead.evidence_message_id).first()
        if found is not None:
            return found
    if not draft.gmail_thread_id:
        return None
    return InboxMessage.objects.filter(thread_id=draft.gmail_thread_id).order_by("-received_at").first()


def draft_on_its_way(*, draft: Draft) -> bool:
    """Whether the draft is being put into Gmail; False too when it should be and nobody moved it for STUCK_AFTER."""
    if draft.gmail_state not in (GmailDraftState.QUEUED, GmailDraftState.PUTTING):
        return False
    moved_at = draft.gmail_claimed_at or draft.decided_at
    return moved_at is not None and timezone.now() - moved_at < STUCK_AFTER


def briefs_page(*, number: str) -> Page[Any]:
    """Briefs, the newest day first."""
    return page_of(Brief.objects.order_by("-day"), number, size=10)


def profile_of(*, customer_id: uuid.UUID) -> Profile | None:
    """The customer's words to its agents, or None where nobody has written any."""
    return Profile.objects.filter(tenant_id=customer_id).first()


def activities_page(*, which: str, number: str) -> Page[Any]:
    """What the agents did, newest first: `all`, or only what was `refused` to them."""
    rows = Activity.objects.exclude(kind__in=_NOT_FOR_MEMBERS).order_by("-created_at", "id")
    if which == "refused":
        rows = rows.filter(kind=REFUSED)
    return page_of(rows, number)


def model_spent_by_day(*, first: date) -> dict[date, int]:
    """What the agents spent on the model on each day (UTC) from the first on, as the budget counts it.

    Millionths of a US dollar; days without any are left out. Members are told shares of a budget, never the sum.
    """
    rows = ModelUsage.objects.filter(created_at__gte=datetime.combine(first, time(), tzinfo=UTC)).order_by()
    days = rows.values_list(TruncDate("created_at", tzinfo=UTC)).annotate(Sum("cost_micro_usd"))
    return {day: int(spent) for day, spent in days}


def page_of(rows: QuerySet[Any], number: str, *, size: int = PAGE_SIZE) -> Page[Any]:
    """The page of these rows; nonsense leads to the first or the last."""
    return Paginator(rows, size).get_page(number)
