"""Counts of what waits for a person. Platform context. The admin's front page shows the same things one by one."""

from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from agents.models import Agent
from tenants.models import CustomerState, GmailConnection, GmailState, Provisioning, ProvisioningState

# The sweep hands a lost run over within half a minute: one that was left alone for so long shows that it does not work.
LEFT_ALONE: Final = timedelta(minutes=5)


def agents_failing() -> QuerySet[Agent]:
    """Agents that are not started any more, as their runs kept failing."""
    return Agent.objects.exclude(breaker_reason="")


def provisionings_stuck() -> QuerySet[Provisioning]:
    """Runs that need a person, and those that nobody works on though they have been due for LEFT_ALONE.

    One that waits for Gmail is not stuck.
    """
    before = Now() - LEFT_ALONE
    is_free = Q(lease_until=None) | Q(lease_until__lte=before)
    was_due = Q(next_attempt_at__lte=before) | Q(
        next_attempt_at=None, created_at__lte=before, state__in=[ProvisioningState.QUEUED, ProvisioningState.RUNNING]
    )
    return Provisioning.objects.exclude(state__in=Provisioning.FINISHED).filter(
        Q(state=ProvisioningState.FAILED) | (is_free & was_due)
    )


def connections_to_reconnect() -> QuerySet[GmailConnection]:
    """Connections that somebody has to renew, of customers that are not leaving."""
    return GmailConnection.objects.filter(state=GmailState.NEEDS_RECONNECT).exclude(
        tenant__state__in=[CustomerState.OFFBOARDING, CustomerState.CLOSED]
    )
