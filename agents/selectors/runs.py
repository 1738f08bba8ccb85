"""Which runs there are. Platform context, or the customer's own."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from agents.models import Agent, AgentRun
from tenants.models import Customer


def runs_open() -> QuerySet[AgentRun]:
    """Runs that have not ended, oldest first, with agent and customer."""
    return (
        AgentRun.objects.exclude(state__in=AgentRun.ENDED)
        .select_related("agent", "tenant")
        .order_by("requested_at", "id")
    )


def runs_newest(*, agents: Iterable[Agent]) -> dict[uuid.UUID, AgentRun]:
    """The newest run of each of these agents, by the agent's id; one that never ran is left out. One query."""
    newest = (
        AgentRun.objects.filter(agent__in=[agent.pk for agent in agents])
        .select_related("agent", "tenant")
        .order_by("agent_id", "-requested_at", "-id")
        .distinct("agent_id")
    )
    return {run.agent_id: run for run in newest}


def runs_latest(*, customer: Customer) -> dict[str, AgentRun]:
    """The newest run of each of the customer's agents, by role; an agent that never ran is left out."""
    newest = runs_newest(agents=Agent.objects.filter(tenant=customer))
    return {run.agent.role: run for run in newest.values()}


def run_latest(*, agent: Agent) -> AgentRun | None:
    """The agent's newest run, or None when it never ran."""
    return next(iter(runs_recent(agent=agent, maximum=1)), None)


def runs_recent(*, agent: Agent, maximum: int) -> list[AgentRun]:
    """The agent's last runs, at most `maximum`, the newest first, with agent and customer."""
    runs = AgentRun.objects.filter(agent=agent).select_related("agent", "tenant")
    return list(runs.order_by("-requested_at", "-id")[:maximum])
