"""Which runs there are. Platform context, or the customer's own."""

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


def runs_latest(*, customer: Customer) -> dict[str, AgentRun]:
    """The newest run of each of the customer's agents, by role; an agent that never ran is left out. One query."""
    newest = (
        AgentRun.objects.filter(tenant=customer)
        .select_related("agent", "tenant")
        .order_by("agent_id", "-requested_at", "-id")
        .distinct("agent_id")
    )
    return {run.agent.role: run for run in newest}


def run_latest(*, agent: Agent) -> AgentRun | None:
    """The agent's newest run, or None when it never ran."""
    return (
        AgentRun.objects.filter(agent=agent).select_related("agent", "tenant").order_by("-requested_at", "-id").first()
    )
