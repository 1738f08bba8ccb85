"""Makes a customer's agents, and records what staff want of one. Platform context.

Owns the Agent row's wishes (desired state, interval); what follows from them is done by `stop` and the dispatcher.
"""

import logging
from copy import copy
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from agents.errors import PlanMissing
from agents.models import Agent, AgentRole, DesiredState
from agents.plans import terms_of
from agents.selectors import runs_open
from agents.services.schedule import first_run_after, in_hours
from agents.services.stop import run_stop
from tenants.models import Customer, User

logger = logging.getLogger(__name__)

_WISHES = ("desired_state", "interval_minutes", "office_hours_in")
_FOLLOWS = "follows_plan"


def agents_ensure(*, customer: Customer) -> list[Agent]:
    """The customer has its three agents, which are returned in the order of the roles. Safe to repeat.

    New ones are scheduled as their plan says, each at its own moment; existing ones are left as they are. Raises
    PlanMissing.
    """
    agents = {agent.role: agent for agent in Agent.objects.filter(tenant=customer)}
    missing = [role for role in AgentRole if role not in agents]
    if missing:
        terms = terms_of(customer.plan)
        schedule = {
            "interval_minutes": terms.run_interval_minutes,
            "office_hours_in": terms.office_hours_in(customer.time_zone),
        }
        for role in missing:
            first = first_run_after(agent=Agent(**schedule), now=timezone.now())
            defaults = {**schedule, "next_run_at": first}
            agents[role], _ = Agent.objects.get_or_create(tenant=customer, role=role, defaults=defaults)
    return [agents[role] for role in AgentRole]


def agent_desire(
    *,
    agent: Agent,
    desired_state: str,
    interval_minutes: int | None = None,
    office_hours_in: str | None = None,
    follows_plan: bool | None = None,
    actor: User | None,
) -> Agent:
    """The agent is wanted as said, and otherwise as before; the row that now stands. Safe to repeat.

    Stopped, or no longer always on: its open run is asked to stop. Otherwise the dispatcher starts it within its next
    round, or when its office opens; one that waits for the next month's budget goes on waiting. Whoever sets another
    interval or other hours takes the agent off its plan's, unless `follows_plan` puts it (back) on them, whatever else
    is said of the two. Raises ValidationError for an unknown state or time zone, an interval outside 5 to 1,440 minutes
    or a plan that is gone, AwsError when ECS refused to stop the run for good (all wishes stand, and the reconcile goes
    on asking).
    """
    with transaction.atomic():
        wanted = Agent.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=agent.pk)
        before = copy(wanted)
        wanted.desired_state = desired_state
        wanted.interval_minutes = before.interval_minutes if interval_minutes is None else interval_minutes
        wanted.office_hours_in = before.office_hours_in if office_hours_in is None else office_hours_in
        _follow(wanted, before, follows_plan)
        wanted.full_clean(validate_unique=False, validate_constraints=False)
        if any(getattr(wanted, wish) != getattr(before, wish) for wish in _WISHES):
            now = timezone.now()
            wanted.next_run_at = in_hours(agent=wanted, moment=_waits_until(wanted, now) or now)
        wanted.save(update_fields=[*_WISHES, _FOLLOWS, "next_run_at"])
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


def _follow(wanted: Agent, before: Agent, follows_plan: bool | None) -> None:
    """Set whether the agent follows its plan; one that is told to has the plan's interval and hours."""
    by_hand = (wanted.interval_minutes, wanted.office_hours_in) != (before.interval_minutes, before.office_hours_in)
    wanted.follows_plan = before.follows_plan and not by_hand if follows_plan is None else follows_plan
    if follows_plan:
        try:
            terms = terms_of(wanted.tenant.plan)
        except PlanMissing as error:
            raise ValidationError({_FOLLOWS: f"{error} {error.next_action}"}) from None
        wanted.interval_minutes = terms.run_interval_minutes
        wanted.office_hours_in = terms.office_hours_in(wanted.tenant.time_zone)


def _waits_until(agent: Agent, now: datetime) -> datetime | None:
    """When its wait for the next month's budget ends; None when it does not wait."""
    until = agent.next_run_at
    return until if agent.spent_budget_cents is not None and until is not None and until > now else None
