"""Agents whose customer has spent its model budget wait for the next month, or for a larger budget. Platform context.

Owns Agent.spent_budget_cents, the mark of that wait, and when it ends. The wait is an agent's `next_run_at`, so that
nobody has to remember it: the month begins, and the agent is due. That the budget is spent is known from the
customer's model_usage, before a start (`work`) or by the run that met it (`outcome`).
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agents.models import Agent
from agents.months import next_month_start
from agents.plans import PlanTerms
from agents.services.schedule import first_run_after, in_hours
from agents.services.unchanged import unchanged_lock

logger = logging.getLogger(__name__)

# What a wait is written in.
WAIT_FIELDS: Final = ("spent_budget_cents", "next_run_at")


def agents_hold(*, agents: Iterable[Agent], terms: Mapping[str, PlanTerms]) -> int:
    """The agents wait for the next month, as their customer's budget is spent; how many. Safe to repeat.

    One that somebody has touched since it was looked at is left as it is.
    """
    now = timezone.now()
    with transaction.atomic():
        held = unchanged_lock(agents=agents)
        for agent in held:
            agent_wait(agent=agent, budget_cents=terms[agent.tenant.plan].model_budget_cents, spent_at=now)
        Agent.objects.bulk_update(held, WAIT_FIELDS)
    return len(held)


def agent_wait(*, agent: Agent, budget_cents: int, spent_at: datetime) -> None:
    """Mark the agent, which the caller saves: due again soon after the month that follows `spent_at` begins."""
    agent.spent_budget_cents = budget_cents
    agent.next_run_at = first_run_after(agent=agent, now=next_month_start(spent_at))


def agents_release(*, terms: Mapping[str, PlanTerms]) -> int:
    """Agents that wait and whose customer's budget is larger now are due, in their hours; how many. Safe to repeat."""
    larger = Q(pk__in=())
    for plan, its in terms.items():
        larger |= Q(tenant__plan=plan, spent_budget_cents__lt=its.model_budget_cents)
    waiting = list(Agent.objects.filter(larger))
    if not waiting:
        return 0
    now = timezone.now()
    with transaction.atomic():
        released = unchanged_lock(agents=waiting)
        for agent in released:
            agent.spent_budget_cents, agent.next_run_at = None, in_hours(agent=agent, moment=now)
            logger.info("Agent %s may run again: its customer's budget is larger.", agent.pk)
        Agent.objects.bulk_update(released, WAIT_FIELDS)
    return len(released)
