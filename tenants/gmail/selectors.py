"""Reads about Gmail connections. They run in the platform's context, if they don't say otherwise."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from tenants.models import CustomerState, GmailConnection, GmailState, Provisioning, ProvisioningState, TokenOutbox

LEAVING = (CustomerState.OFFBOARDING, CustomerState.CLOSED)
CHECK_EVERY = timedelta(minutes=15)
# A token this young is being delivered by the task that its consent enqueued.
_DELIVERY_PATIENCE = timedelta(seconds=10)


def outbox_due(*, limit: int = 100) -> list[uuid.UUID]:
    """Customers whose token was not stored when it should have been, those tried least first."""
    rows = TokenOutbox.objects.filter(created_at__lt=Now() - _DELIVERY_PATIENCE).order_by("attempts", "created_at")
    return list(rows.values_list("tenant_id", flat=True)[:limit])


def connections_due(*, limit: int = 500) -> list[uuid.UUID]:
    """Customers whose connection did not prove itself in the last 15 minutes, the longest ago first."""
    rows = GmailConnection.objects.filter(state=GmailState.CONNECTED).exclude(tenant__state__in=LEAVING)
    due = rows.filter(Q(checked_at__isnull=True) | Q(checked_at__lt=Now() - CHECK_EVERY))
    return list(due.order_by(F("checked_at").asc(nulls_first=True)).values_list("tenant_id", flat=True)[:limit])


def connected_but_waiting(*, limit: int = 100) -> list[uuid.UUID]:
    """Customers whose run still waits for Gmail though it is connected: the consent came just as the run lay down."""
    runs = Provisioning.objects.filter(
        state=ProvisioningState.WAITING,
        next_attempt_at__isnull=True,
        tenant__gmail__state=GmailState.CONNECTED,
    )
    return list(runs.values_list("tenant_id", flat=True)[:limit])


def disconnections_due(*, limit: int = 100) -> list[uuid.UUID]:
    """Customers whose owner asked to have Gmail disconnected, which is not done."""
    rows = GmailConnection.objects.filter(state=GmailState.DISCONNECTING).exclude(tenant__state__in=LEAVING)
    return list(rows.values_list("tenant_id", flat=True)[:limit])


def puts_drafts(*, customer_id: uuid.UUID) -> bool:
    """Whether approved drafts are put into the customer's Gmail: its connection works and has that permission.

    Runs in the customer's own context too.
    """
    rows = GmailConnection.objects.filter(tenant_id=customer_id, state__in=[GmailState.STORING, GmailState.CONNECTED])
    return rows.filter(scopes__contains=[settings.GMAIL_DRAFT_SCOPE]).exists()


def account_in_use(*, email: str, but: uuid.UUID | None = None) -> bool:
    """Whether some customer's agents (other than `but`'s) read the mailbox of this Google account."""
    rows = GmailConnection.objects.filter(
        google_email__iexact=email, state__in=[GmailState.STORING, GmailState.CONNECTED]
    )
    return rows.exclude(tenant_id=but).exists() if but else rows.exists()
