"""Agents go by what their customer's plan says now: how often they look, and in which hours. Platform context.

Nobody has to remember it: a customer that goes over to another plan, a plan that staff change, a customer that moves to
another time zone are all seen by the next round of the dispatcher. Agents whose interval or hours staff set by hand
(`follows_plan` is off) are left alone.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from agents.models import Agent
from agents.plans import PlanTerms
from agents.services.schedule import first_run_after, in_hours
from agents.services.unchanged import unchanged_lock

logger = logging.getLogger(__name__)

_FIELDS: Final = ("interval_minutes", "office_hours_in", "next_run_at")


def agents_follow_plans(*, terms: Mapping[str, PlanTerms]) -> int:
    """Agents that follow their plan look as often, and in the hours, that it says; how many were changed.

    Safe to repeat. One with an open run, or that somebody touched meanwhile, is changed by the next round.
    """
    otherwise = Q(pk__in=())
    for plan, its in terms.items():
        hours = ~Q(office_hours_in=F("tenant__time_zone")) if its.in_office_hours else ~Q(office_hours_in="")
        otherwise |= Q(tenant__plan=plan) & (~Q(interval_minutes=its.run_interval_minutes) | hours)
    found = list(Agent.objects.filter(otherwise, follows_plan=True).select_related("tenant"))
    if not found:
        return 0
    now = timezone.now()
    with transaction.atomic():
        followed = unchanged_lock(agents=found)
        for agent in followed:
            its = terms[agent.tenant.plan]
            agent.interval_minutes = its.run_interval_minutes
            agent.office_hours_in = its.office_hours_in(agent.tenant.time_zone)
            agent.next_run_at = _next_run(agent, now)
            logger.info("Agent %s follows plan %s.", agent.pk, agent.tenant.plan)
        Agent.objects.bulk_update(followed, _FIELDS)
    return len(followed)


def _next_run(agent: Agent, now: datetime) -> datetime:
    """As it was, or within the new interval if that is sooner; one that waits for its budget waits. In its hours."""
    before = agent.next_run_at or now
    if agent.spent_budget_cents is None:
        before = min(before, first_run_after(agent=agent, now=now))
    return in_hours(agent=agent, moment=before)
