"""How the agents stand and what their last runs did, for the overview. Customer's context. Owns no sentences of deeds.

A run's deeds are counted from its activities, in one query for all runs that are shown.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count
from django.utils import timezone

from agents.models import Agent, AgentRun, AgentRunState, DesiredState
from agents.selectors import fleet_paused, runs_latest
from agents.workspace.models import Activity
from agents.workspace.words import TURNED_DOWN, Standing, counted, standing
from tenants.models import Customer, GmailConnection, GmailState

RUNS_SHOWN: Final = 6
# What the calls of a tool add up to; the others are steps on the way.
_SUMS: Final = {
    "classify_message": ("sorted", "message"),
    "upsert_lead": ("noted", "lead"),
    "save_draft": ("wrote", "draft"),
}


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent: how it stands, when it last ran, when it looks next (None: nobody can tell, or it rests)."""

    standing: Standing
    last_at: datetime | None
    next_at: datetime | None
    next_is_soon: bool


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run: whose, since when, how long, and what it did."""

    who: str
    began_at: datetime
    minutes: int | None
    what: str
    trouble: bool


def agents_standing(*, customer: Customer, gmail: GmailConnection) -> list[AgentLine]:
    """The customer's agents by role. Three queries."""
    latest, paused = runs_latest(customer=customer), fleet_paused()
    off = gmail.state == GmailState.DISCONNECTING or (
        gmail.state == GmailState.NOT_CONNECTED and gmail.connected_at is not None
    )
    agents = Agent.objects.filter(tenant=customer).select_related("tenant").order_by("role")
    rests = paused or off or customer.paused_at is not None or gmail.state == GmailState.NEEDS_RECONNECT
    return [_agent_line(agent, latest.get(agent.role), rests=rests, paused=paused, off=off) for agent in agents]


def runs_told(*, customer: Customer, maximum: int = RUNS_SHOWN) -> list[RunLine]:
    """The customer's last runs, the newest first, with what each did. Two queries."""
    rows = AgentRun.objects.filter(tenant=customer).select_related("agent").order_by("-requested_at", "-id")
    runs = list(rows[:maximum])
    deeds = _deeds(runs)
    return [_run_line(run, deeds.get(run.id, [])) for run in runs]


def _agent_line(agent: Agent, run: AgentRun | None, *, rests: bool, paused: bool, off: bool) -> AgentLine:
    at_work = run is not None and run.state not in AgentRun.ENDED
    waits = not (rests or at_work or agent.breaker_reason or agent.desired_state == DesiredState.STOPPED)
    later = agent.next_run_at is not None and agent.next_run_at > timezone.now()
    return AgentLine(
        standing(agent, run, fleet_is_paused=paused, gmail_is_off=off),
        (run.started_at or run.requested_at) if run is not None else None,
        agent.next_run_at if waits and later else None,
        waits and not later,
    )


def _run_line(run: AgentRun, deeds: list[str]) -> RunLine:
    began_at = run.started_at or run.requested_at
    minutes = None if run.stopped_at is None else max(1, round((run.stopped_at - began_at).total_seconds() / 60))
    failed = run.state == AgentRunState.FAILED
    if run.state not in AgentRun.ENDED:
        what = ", ".join(deeds) or "is at work"
    else:
        what = ", ".join(deeds) or ("was interrupted" if failed else "found nothing to do")
    return RunLine(run.agent.get_role_display(), began_at, minutes, what, failed)


def _deeds(runs: list[AgentRun]) -> dict[uuid.UUID, list[str]]:
    if not runs:
        return {}
    rows: Iterable[Mapping[str, Any]] = (
        # Activities of a run are younger than the run: the date leads to the index.
        Activity.objects.filter(
            tenant_id=runs[0].tenant_id,
            created_at__gte=min(run.requested_at for run in runs),
            agent_run_id__in=[run.id for run in runs],
            kind__in=("tool_called", "tool_refused"),
        )
        .order_by()
        .values("agent_run_id", "kind", "data__tool", "data__outcome")
        .annotate(number=Count("id"))
    )
    sums: dict[uuid.UUID, dict[str, int]] = {}
    for row in rows:
        mine = sums.setdefault(row["agent_run_id"], {})
        key = "refused" if row["kind"] == "tool_refused" else str(row["data__tool"])
        if key == "refused" or row["data__outcome"] not in TURNED_DOWN:
            mine[key] = mine.get(key, 0) + row["number"]
    return {run_id: _told(mine) for run_id, mine in sums.items()}


def _told(sums: dict[str, int]) -> list[str]:
    told = [f"{did} {counted(sums[tool], noun)}" for tool, (did, noun) in _SUMS.items() if sums.get(tool)]
    if sums.get("write_brief"):
        told.append("wrote the brief")
    if sums.get("refused"):
        told.append(f"was refused {counted(sums['refused'], 'call')}")
    return told
