"""What a due agent would meet, asked before it is started: work, nothing to do, or a spent budget. Platform context.

No task, no engine and no model call for an empty tick, nor for a customer that has spent its month's budget. Butler
and Scout have work when the mailbox changed since they read it, which Google is asked (`mailboxes`), or when stored
mail waits for them; Writer has when a lead waits for a draft. The customer's schema says these, as it does of the
budget. One look at a customer serves all its agents.
"""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agents.models import Agent, AgentRole, DesiredState
from agents.plans import PlanTerms, plan_terms
from agents.selectors.leads import leads_waiting
from agents.selectors.mail import roles_with_mail
from agents.selectors.usage import month_cost_micro_usd
from agents.services.mailboxes import history_ids
from agents.services.schedule import in_hours, next_run_after
from agents.services.unchanged import unchanged_lock
from agents.workspace.models import MailboxState
from tenants.isolation.context import enter_customer
from tenants.models import GmailConnection, GmailState

logger = logging.getLogger(__name__)

# A lot of mailboxes takes a second and a half when Google is well.
LOOK_SECONDS: Final = 4.0

_READERS: Final = (AgentRole.BUTLER, AgentRole.SCOUT)


@dataclass(frozen=True, slots=True)
class Looked:
    """Ids of agents that would find nothing to do, and of those whose customer has spent its budget."""

    idle: set[uuid.UUID] = field(default_factory=set)
    broke: set[uuid.UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A customer to be looked at: what it may spend, and which of its roles are started for work only."""

    customer_id: uuid.UUID
    budget_micro_usd: int | None
    by_work: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a customer's schema says: whether the budget is spent, whether leads wait, how far each reader has read.

    A reader for which stored mail waits is not in `read`: it has work, whatever the mailbox says.
    """

    is_broke: bool = False
    leads_wait: bool = True
    read: Mapping[str, str] = field(default_factory=dict)


def agents_look(
    agents: Iterable[Agent], *, terms: Mapping[str, PlanTerms] | None = None, seconds: float = LOOK_SECONDS
) -> Looked:
    """Which of the agents (each with its customer) had better not be started, and why. Safe to repeat.

    An agent is named only when that is known: one that never read its mailbox, or whose mailbox did not answer within
    so many seconds, is not. Always-on agents are never idle, and neither they nor Writer wait for Google.
    """
    agents = list(agents)
    stored = {one.customer_id: _stored(one) for one in _asked(agents, plan_terms() if terms is None else terms)}
    readers = {
        agent.tenant_id
        for agent in agents
        if agent.desired_state == DesiredState.SCHEDULED and agent.role in stored.get(agent.tenant_id, _Stored()).read
    }
    newest = history_ids(customer_ids=readers, seconds=seconds)
    looked = Looked()
    for agent in agents:
        its = stored.get(agent.tenant_id, _Stored())
        if its.is_broke:
            looked.broke.add(agent.pk)
        elif agent.desired_state == DesiredState.SCHEDULED and _is_idle(agent, its, newest.get(agent.tenant_id)):
            looked.idle.add(agent.pk)
    return looked


def agents_skip(*, agents: Iterable[Agent]) -> int:
    """The agents are looked at again an interval from now, as they had nothing to do; how many. Safe to repeat.

    One that somebody has touched since it was looked at is left as it is.
    """
    now = timezone.now()
    with transaction.atomic():
        skipped = unchanged_lock(agents=agents)
        for agent in skipped:
            # Due, so a wait for the month's budget is over.
            agent.idle_at, agent.next_run_at, agent.spent_budget_cents = now, next_run_after(agent=agent, now=now), None
        Agent.objects.bulk_update(skipped, ["idle_at", "next_run_at", "spent_budget_cents"])
    return len(skipped)


def writer_call(*, customer_id: uuid.UUID) -> bool:
    """If leads wait, the customer's scheduled Writer is due now, or when its office opens; whether it was called.

    One that was due already is due anew, so that a look from before these leads does not put it off. One that waits
    for the next month's budget is left as it is. Safe to repeat.
    """
    now = timezone.now()
    writers = Agent.objects.filter(tenant_id=customer_id, role=AgentRole.WRITER, desired_state=DesiredState.SCHEDULED)
    writer = writers.filter(_is_due(now) | Q(spent_budget_cents=None)).first()
    if writer is None:
        return False
    with enter_customer(customer_id):
        if not leads_waiting(customer_id=customer_id).exists():
            return False
    due_at = in_hours(agent=writer, moment=now)
    called = writers.filter(_is_due(now)).update(next_run_at=now)
    return bool(called or writers.filter(spent_budget_cents=None, next_run_at__gt=due_at).update(next_run_at=due_at))


def _is_due(now: datetime) -> Q:
    return Q(next_run_at=None) | Q(next_run_at__lte=now)


def _asked(agents: Sequence[Agent], terms: Mapping[str, PlanTerms]) -> list[_Asked]:
    """The customers of these agents whose Gmail is connected."""
    customers = {agent.tenant_id: agent.tenant for agent in agents}
    by_work: dict[uuid.UUID, set[str]] = {}
    for agent in agents:
        if agent.desired_state == DesiredState.SCHEDULED:
            by_work.setdefault(agent.tenant_id, set()).add(agent.role)
    connected = GmailConnection.objects.filter(tenant__in=customers, state=GmailState.CONNECTED)
    asked = []
    for customer_id in connected.values_list("tenant_id", flat=True):
        its = terms.get(customers[customer_id].plan)
        budget = its.model_budget_micro_usd if its else None
        asked.append(_Asked(customer_id, budget, frozenset(by_work.get(customer_id, ()))))
    return asked


def _stored(asked: _Asked) -> _Stored:
    customer_id, budget, read = asked.customer_id, asked.budget_micro_usd, dict[str, str]()
    try:
        if budget is not None and month_cost_micro_usd(customer_id=customer_id, now=timezone.now()) >= budget:
            return _Stored(is_broke=True)
        with enter_customer(customer_id):
            if asked.by_work.intersection(_READERS):
                states = MailboxState.objects.filter(tenant_id=customer_id, agent_role__in=_READERS)
                behind = roles_with_mail(customer_id=customer_id)
                read = {role: at for role, at in states.values_list("agent_role", "history_id") if role not in behind}
            by_leads = AgentRole.WRITER in asked.by_work
            return _Stored(leads_wait=not by_leads or leads_waiting(customer_id=customer_id).exists(), read=read)
    except Exception as error:
        # One customer's trouble must not hold up the others: its agents are started, and their runs say what is wrong.
        logger.warning("Customer %s could not be looked at before a start: %s", customer_id, type(error).__name__)
        return _Stored()


def _is_idle(agent: Agent, stored: _Stored, history_id: str | None) -> bool:
    if agent.role == AgentRole.WRITER:
        return not stored.leads_wait
    return history_id is not None and stored.read.get(agent.role) == history_id
