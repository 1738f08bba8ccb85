"""Which agents should be started now, and which runs should not be. Platform context.

Owns the conditions; what is done about them is the dispatcher's (`agents.services.dispatch`).
"""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from agents.models import Agent, AgentRole, AgentRun, AgentRunState, DesiredState, Fleet
from agents.selectors.runs import runs_open
from tenants.models import CustomerState, GmailState

# Agents that are started when there is new mail, which Google has to be asked.
BY_MAIL = Q(desired_state=DesiredState.SCHEDULED, role__in=(AgentRole.BUTLER, AgentRole.SCOUT))
# Customers who took the permission to read their Gmail back. One that never gave it is still being set up.
DISCONNECTED = Q(tenant__gmail__state=GmailState.DISCONNECTING) | Q(
    tenant__gmail__state=GmailState.NOT_CONNECTED, tenant__gmail__connected_at__isnull=False
)
# Customers whose agents run by themselves.
RUNNING_STATES = (CustomerState.ACTIVE, CustomerState.DEGRADED)


def fleet_paused() -> bool:
    """Whether every agent of every customer is to stand still."""
    return Fleet.objects.filter(paused_at__isnull=False).exists()


def agents_due(*, now: datetime) -> QuerySet[Agent]:
    """Agents to start at `now`, those that have waited longest first; empty while the fleet is paused.

    Due is an agent that is scheduled or always on, whose time has come, whose breaker is closed, that has no open
    run, and whose customer is active or degraded, not paused, and has Gmail connected.
    """
    open_run = AgentRun.objects.filter(agent=OuterRef("pk")).exclude(state__in=AgentRun.ENDED)
    return (
        Agent.objects.filter(
            Q(next_run_at__isnull=True) | Q(next_run_at__lte=now),
            ~Exists(open_run),
            ~Exists(Fleet.objects.filter(paused_at__isnull=False)),
            desired_state__in=(DesiredState.SCHEDULED, DesiredState.ALWAYS_ON),
            breaker_reason="",
            tenant__state__in=RUNNING_STATES,
            tenant__paused_at__isnull=True,
        )
        .exclude(Q(tenant__gmail__state=GmailState.NEEDS_RECONNECT) | DISCONNECTED)
        .select_related("tenant")
        .order_by(F("next_run_at").asc(nulls_first=True), "id")
    )


def runs_against_pause() -> QuerySet[AgentRun]:
    """Open runs that nobody has asked to stop yet, of paused customers and of those who disconnected Gmail.

    Of all, while the fleet is paused.
    """
    paused = Q(tenant__paused_at__isnull=False) | Q(tenant__state=CustomerState.PAUSED)
    everything = Exists(Fleet.objects.filter(paused_at__isnull=False))
    return runs_open().exclude(state=AgentRunState.STOPPING).filter(paused | DISCONNECTED | Q(everything))


def breakers_outdated() -> QuerySet[Agent]:
    """Agents with an open breaker whose customer has connected Gmail again since the failure."""
    newest = AgentRun.objects.filter(agent=OuterRef("pk")).order_by("-requested_at")
    return (
        Agent.objects.exclude(breaker_reason="")
        .annotate(failed_at=Subquery(newest.values("stopped_at")[:1]))
        .filter(tenant__gmail__state=GmailState.CONNECTED, tenant__gmail__connected_at__gt=F("failed_at"))
    )
