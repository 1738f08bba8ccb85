"""Claims due agents by the lot: one transaction and seven statements, however many agents. Platform context.

Owns what must hold when a run is claimed though nobody looks at each agent by itself: it is due still, it has no other
open run, and the fleet has room for one more. The fleet's row is locked meanwhile, so that claims follow one another:
the bound holds whoever dispatches, and a pause that was answered lets no claim through any more.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agents.models import Agent, AgentRun, DesiredState, Fleet
from agents.plans import PlanTerms
from agents.selectors import agents_due, runs_open
from agents.services.schedule import next_run_after
from agents.services.start import ALWAYS_ON, SCHEDULE

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Runs that are `requested` now, each with agent and customer; and whether the fleet has no room for more."""

    runs: list[AgentRun]
    is_full: bool


def runs_claim(*, agents: Collection[Agent], terms: Mapping[str, PlanTerms]) -> Claimed:
    """Those of the agents that are due still, as far as there is room, have an open run each, and their next time.

    An agent that somebody else is claiming, or whose plan nobody knows, is left alone. Safe to repeat.
    """
    now = timezone.now()
    with transaction.atomic():
        Fleet.objects.select_for_update().get()
        room = max(0, settings.AGENT_MAX_RUNNING - runs_open().count())
        still_due = agents_due(now=now).filter(pk__in=[agent.pk for agent in agents], tenant__plan__in=terms)
        due = list(still_due.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:room])
        for agent in due:
            agent.spent_budget_cents = None
            agent.next_run_at = next_run_after(agent=agent, now=now)
        Agent.objects.bulk_update(due, ["spent_budget_cents", "next_run_at"])
        asked = {run.pk: run for run in (_run_of(agent, terms[agent.tenant.plan]) for agent in due)}
        # The database has the last word on one open run an agent.
        AgentRun.objects.bulk_create(asked.values(), ignore_conflicts=True)
        made = set(AgentRun.objects.filter(pk__in=asked).values_list("pk", flat=True))
    _report_planless(agents, terms)
    return Claimed([run for key, run in asked.items() if key in made], is_full=len(due) >= room)


def _run_of(agent: Agent, terms: PlanTerms) -> AgentRun:
    return AgentRun(
        tenant=agent.tenant,
        agent=agent,
        trigger=ALWAYS_ON if agent.desired_state == DesiredState.ALWAYS_ON else SCHEDULE,
        requested_at=timezone.now(),
        model_budget_cents=terms.model_budget_cents,
    )


def _report_planless(agents: Collection[Agent], terms: Mapping[str, PlanTerms]) -> None:
    for plan in {agent.tenant.plan for agent in agents} - terms.keys():
        logger.error("Agents are not started: there is no plan “%s”. Make a plan with this code again.", plan)
