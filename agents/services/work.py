"""What a due agent would meet, asked before it is started: work, nothing to do, or a spent budget. Platform context.

No task, no engine and no model call for an empty tick, nor for a customer that has spent its month's budget. Butler
and Scout have work when the mailbox changed since they read it, Writer when a lead waits for a draft. One look at a
customer (its budget first, then two calls to Google) serves all its agents.
"""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from django.db import connections
from django.utils import timezone

from agents.models import Agent, AgentRole, DesiredState
from agents.plans import PlanTerms, plan_terms
from agents.selectors.leads import leads_waiting
from agents.selectors.usage import month_cost_micro_usd
from agents.services.schedule import in_hours, next_run_after
from agents.workspace.models import MailboxState
from openclaw_site.aws.errors import AwsError
from tenants.gmail.google import GmailTrouble
from tenants.gmail.services import connection_prove
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import GmailConnection, GmailState

logger = logging.getLogger(__name__)

# Looks at a time: each holds a database connection and waits for Google most of its time.
LOOKS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Looked:
    """Ids of agents that would find nothing to do, and of those whose customer has spent its budget."""

    idle: set[uuid.UUID] = field(default_factory=set)
    broke: set[uuid.UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A customer to be looked at: what it may spend, and whether any of its agents is started for work only."""

    customer_id: uuid.UUID
    budget_micro_usd: int | None
    by_work: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look at a customer found out for sure."""

    is_broke: bool = False
    idle_roles: frozenset[str] = frozenset()


def agents_look(agents: Iterable[Agent], *, terms: Mapping[str, PlanTerms] | None = None) -> Looked:
    """Which of the agents (each with its customer) had better not be started, and why. Safe to repeat.

    An agent is named only when that is known: one that never read its mailbox, or whose mailbox could not be asked, is
    not. Always-on agents are never idle.
    """
    agents = list(agents)
    found = _look_at_all(_asked(agents, plan_terms() if terms is None else terms))
    looked = Looked()
    for agent in agents:
        its = found.get(agent.tenant_id, _Found())
        if its.is_broke:
            looked.broke.add(agent.pk)
        elif agent.desired_state == DesiredState.SCHEDULED and agent.role in its.idle_roles:
            looked.idle.add(agent.pk)
    return looked


def agents_skip(*, agents: Iterable[Agent]) -> int:
    """The agents are looked at again an interval from now, as they had nothing to do; how many. Safe to repeat."""
    now, skipped = timezone.now(), list(agents)
    for agent in skipped:
        agent.idle_at, agent.next_run_at = now, next_run_after(agent=agent, now=now)
    Agent.objects.bulk_update(skipped, ["idle_at", "next_run_at"])
    return len(skipped)


def writer_call(*, customer_id: uuid.UUID) -> bool:
    """If leads wait, the customer's scheduled Writer is due now, or when its office opens; whether it was called.

    One that waits for the next month's budget, or that is due already, is left as it is. Safe to repeat.
    """
    now = timezone.now()
    later = Agent.objects.filter(
        tenant_id=customer_id,
        role=AgentRole.WRITER,
        desired_state=DesiredState.SCHEDULED,
        spent_budget_cents=None,
        next_run_at__gt=now,
    )
    writer = later.first()
    if writer is None:
        return False
    with enter_customer(customer_id):
        if not leads_waiting(customer_id=customer_id).exists():
            return False
    due_at = in_hours(agent=writer, moment=now)
    return later.filter(next_run_at__gt=due_at).update(next_run_at=due_at) == 1


def _asked(agents: Sequence[Agent], terms: Mapping[str, PlanTerms]) -> list[_Asked]:
    """The customers of these agents whose Gmail is connected."""
    customers = {agent.tenant_id: agent.tenant for agent in agents}
    by_work = {agent.tenant_id for agent in agents if agent.desired_state == DesiredState.SCHEDULED}
    connected = GmailConnection.objects.filter(tenant__in=customers, state=GmailState.CONNECTED)
    asked = []
    for customer_id in connected.values_list("tenant_id", flat=True):
        its = terms.get(customers[customer_id].plan)
        asked.append(_Asked(customer_id, its.model_budget_micro_usd if its else None, customer_id in by_work))
    return asked


def _look_at_all(asked: Sequence[_Asked]) -> dict[uuid.UUID, _Found]:
    shares = [share for share in (asked[start::LOOKS_AT_ONCE] for start in range(LOOKS_AT_ONCE)) if share]
    found: dict[uuid.UUID, _Found] = {}
    if shares:
        with ThreadPoolExecutor(max_workers=len(shares), thread_name_prefix="work") as pool:
            for part in pool.map(_look_at_share, shares):
                found |= part
    return found


def _look_at_share(asked: Sequence[_Asked]) -> dict[uuid.UUID, _Found]:
    """Of each customer. In a thread of its own, so with a context and connections of its own."""
    try:
        return {one.customer_id: _look_at(one) for one in asked}
    finally:
        connections.close_all()


def _look_at(asked: _Asked) -> _Found:
    customer_id, budget = asked.customer_id, asked.budget_micro_usd
    try:
        if budget is not None and month_cost_micro_usd(customer_id=customer_id, now=timezone.now()) >= budget:
            return _Found(is_broke=True)
        return _Found(idle_roles=_idle_roles(customer_id) if asked.by_work else frozenset())
    except Exception as error:
        # One customer's trouble must not hold up the others: its agents are started, and their runs say what is wrong.
        logger.warning("Customer %s could not be looked at before a start: %s", customer_id, type(error).__name__)
        return _Found()


def _idle_roles(customer_id: uuid.UUID) -> frozenset[str]:
    """Roles for which the mailbox, as it is now, and the leads hold nothing new."""
    with enter_platform():
        history_id = _history_id(customer_id)
    if not history_id:
        return frozenset()
    with enter_customer(customer_id):
        states = MailboxState.objects.filter(tenant_id=customer_id).values_list("agent_role", "history_id")
        read = dict(states)
        idle: set[str] = {role for role in (AgentRole.BUTLER, AgentRole.SCOUT) if read.get(role) == history_id}
        if not leads_waiting(customer_id=customer_id).exists():
            idle.add(AgentRole.WRITER)
    return frozenset(idle)


def _history_id(customer_id: uuid.UUID) -> str:
    """Gmail's newest history id of the mailbox; empty when it can't be told."""
    try:
        if connection_prove(customer_id=customer_id) != GmailState.CONNECTED:
            return ""
    except (AwsError, GmailTrouble):
        return ""
    return GmailConnection.objects.values_list("history_id", flat=True).get(tenant_id=customer_id)
