"""Agents that nobody touched since they were looked at. Platform context.

Between a look and what is written because of it lie seconds, in which staff may start the agent or want it otherwise,
and Scout may call Writer. What such people said is newer than the look, so the look has no say any more.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, OuterRef

from agents.models import Agent, AgentRun

_SEEN: Final = (
    "desired_state",
    "interval_minutes",
    "office_hours_in",
    "follows_plan",
    "next_run_at",
    "spent_budget_cents",
    "breaker_reason",
)


def unchanged_lock(*, agents: Iterable[Agent]) -> list[Agent]:
    """Those of the given objects that say what their rows say, and whose agents have no open run. Their rows are
    locked until the caller's transaction ends; one that somebody else has locked counts as touched.
    """
    seen = {agent.pk: agent for agent in agents}
    # Whoever starts an agent locks it and changes its next time, so a run that this misses shows in that.
    open_run = AgentRun.objects.filter(agent=OuterRef("pk")).exclude(state__in=AgentRun.ENDED)
    rows = (
        Agent.objects.filter(~Exists(open_run), pk__in=seen)
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True)
    )
    return [seen[row.pk] for row in rows if all(getattr(row, name) == getattr(seen[row.pk], name) for name in _SEEN)]
