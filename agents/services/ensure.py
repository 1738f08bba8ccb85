"""Makes a customer's agents, and records what staff want of one. Platform context.

Owns the Agent row's wishes (desired state, interval); what follows from them is done by `stop` and the dispatcher.
"""

import logging
from copy import copy
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from agents.models import Agent, AgentRole, DesiredState
from agents.plans import terms_of
from agents.selectors import runs_open
from agents.services.schedule import first_run_after, in_hours
from agents.services.stop import run_stop
from tenants.models import Customer, User

logger = logging.getLogger(__name__)

_WISHES = ("desired_state", "interval_minutes", "office_hours_in")


def agents_ensure(*, customer: Customer) -> list[Agent]:
    """The customer has its three agents, which are returned in the order of the roles. Safe to repeat.

    New ones are scheduled at their plan's interval, each at its own moment; existing ones are left as they are. Raises
    PlanMissing.
    """
    agents = {agent.role: agent for agent in Agent.objects.filter(tenant=customer)}
    missing = [role for role in AgentRole if role not in agents]
    if missing:
        minutes = terms_of(customer.plan).run_interval_minutes
        for role in missing:
            first = first_run_after(agent=Agent(interval_minutes=minutes), now=timezone.now())
            defaults = {"interval_minutes": minutes, "next_run_at": first}
            agents[role], _ = Agent.objects.get_or_create(tenant=customer, role=role, defaults=defaults)
    return [agents[role] for role in AgentRole]


def agent_desire(
    *,
    agent: Agent,
    desired_state: str,
    interval_minutes: int | None = None,
    office_hours_in: str | None = None,
    actor: User | None,
) -> Agent:
    """The agent is wanted as said, and otherwise as before; the row that now stands. Safe to repeat.

    Stopped, or no longer always on: its open run is asked to stop. Otherwise the dispatcher starts it within its next
    round, or when its office opens; one that waits for the next month's budget goes on waiting. Raises ValidationError
    for an unknown state or time zone or an interval outside 5 to 1,440 minutes, AwsError when ECS refused to stop the
    run for good (all wishes stand, and the reconcile goes on asking).
    """
    with transaction.atomic():
        wanted = Agent.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=agent.pk)
        before = copy(wanted)
        wanted.desired_state = desired_state
        wanted.interval_minutes = before.interval_minutes if interval_minutes is None else interval_minutes
        wanted.office_hours_in = before.office_hours_in if office_hours_in is None else office_hours_in
        wanted.full_clean(validate_unique=False, validate_constraints=False)
        if any(getattr(wanted, wish) != getattr(before, wish) for wish in _WISHES):
            now = timezone.now()
            wanted.next_run_at = in_hours(agent=wanted, moment=_waits_until(wanted, now) or now)
        wanted.save(update_fields=[*_WISHES, "next_run_at"])
    logger.info(
        "Agent %s: wanted %s, every %d minutes, by user %s.",
        agent.pk,
        desired_state,
        wanted.interval_minutes,
        actor.pk if actor else None,
    )
    # A run of an always-on agent has no end of its own.
    endless = before.desired_state == DesiredState.ALWAYS_ON and desired_state != DesiredState.ALWAYS_ON
    if desired_state == DesiredState.STOPPED or endless:
        for run in runs_open().filter(agent=wanted):
            run_stop(run=run, reason=f"wanted {wanted.get_desired_state_display().lower()}")
    return wanted


def _waits_until(agent: Agent, now: datetime) -> datetime | None:
    """When its wait for the next month's budget ends; None when it does not wait."""
    until = agent.next_run_at
    return until if agent.spent_budget_cents is not None and until is not None and until > now else None
