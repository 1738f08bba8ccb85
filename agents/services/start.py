"""Starts an agent: claim, call, record. Platform context, outside any transaction.

Owns who may start what when a person or the onboarding asks; what is due, `claim` claims by the lot. The call is
`launch`, the record `record`.
"""

import uuid
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from agents.errors import AgentError, AgentMissing, AgentsPaused, AlreadyRunning, BreakerOpen, NotRunnable
from agents.models import Agent, AgentRun
from agents.plans import terms_of
from agents.selectors import fleet_paused
from agents.services.launch import run_launch_claimed
from agents.services.outcome import ONBOARDING, breaker_reset
from agents.services.schedule import next_run_after
from tenants.models import Customer, CustomerState, User

STAFF: Final = "staff"
SCHEDULE: Final = "schedule"
ALWAYS_ON: Final = "always_on"

_RUNNING: Final = frozenset({CustomerState.ACTIVE, CustomerState.DEGRADED})
_RUNNABLE: Final = {
    SCHEDULE: _RUNNING,
    ALWAYS_ON: _RUNNING,
    STAFF: _RUNNING | {CustomerState.PROVISIONING},
    ONBOARDING: _RUNNING | {CustomerState.PENDING, CustomerState.PROVISIONING, CustomerState.AWAITING_GMAIL},
}


def agent_start(*, agent: Agent, trigger: str, actor: User | None = None) -> AgentRun:
    """A run of the agent is under way, with a task or (`requested`) soon to have one.

    `trigger` is onboarding, schedule, staff or always_on. A start by staff closes the breaker, and ends the wait for
    the next month's budget. Raises AgentError with the next action: already running, paused, not runnable, breaker
    open, no plan, or refused by ECS for good (the run is then recorded as failed). Not to be repeated blindly: a second
    call is refused as long as the first's run is open.
    """
    run = _claim(agent_id=agent.pk, trigger=trigger, actor=actor)
    return run_launch_claimed(run=run)


def _claim(*, agent_id: uuid.UUID, trigger: str, actor: User | None) -> AgentRun:
    with transaction.atomic():
        agent = Agent.objects.select_for_update(of=("self",)).select_related("tenant").filter(pk=agent_id).first()
        if agent is None:
            raise AgentMissing("The agent no longer exists.", next_action="Nothing: its customer was closed.")
        _require_runnable(agent.tenant, trigger)
        if trigger == STAFF:
            breaker_reset(agent=agent)
        elif agent.breaker_reason and trigger != ONBOARDING:
            raise BreakerOpen(
                f"{agent.get_role_display()} is held back: {agent.breaker_reason}",
                next_action="Mend the cause (agent_describe names it), then start the agent by hand.",
            )
        agent.spent_budget_cents = None
        agent.next_run_at = next_run_after(agent=agent, now=timezone.now())
        agent.save(update_fields=["spent_budget_cents", "next_run_at"])
        try:
            with transaction.atomic():
                return AgentRun.objects.create(
                    tenant=agent.tenant,
                    agent=agent,
                    trigger=trigger,
                    requested_by=actor,
                    model_budget_cents=terms_of(agent.tenant.plan).model_budget_cents,
                )
        except IntegrityError:
            raise _already_running(agent) from None


def _require_runnable(customer: Customer, trigger: str) -> None:
    if customer.paused_at is not None or customer.state == CustomerState.PAUSED:
        raise AgentsPaused(f"{customer.name} is paused.", next_action="Resume the customer, then start the agent.")
    if fleet_paused():
        raise AgentsPaused("Every agent is paused.", next_action="Resume the fleet, then start the agent.")
    if customer.state not in _RUNNABLE[trigger]:
        raise NotRunnable(
            f"{customer.name} is {customer.get_state_display().lower()}.",
            next_action="See the customer's provisioning: its agents start when it has come so far.",
        )


def _already_running(agent: Agent) -> AgentError:
    return AlreadyRunning(
        f"{agent.get_role_display()} of {agent.tenant.name} is already running.",
        next_action="Wait for its run to end, or stop it first.",
    )
