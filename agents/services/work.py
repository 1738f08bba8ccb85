"""Whether a scheduled agent has anything to do, asked before it is started. Platform context.

No task, no engine and no model call for an empty tick: Butler and Scout have work when the mailbox changed since they
read it, Writer when a lead has no draft. One look at a mailbox (two calls to Google) serves a customer's agents.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connections
from django.db.models import Exists, OuterRef
from django.utils import timezone

from agents.models import Agent, AgentRole, DesiredState
from agents.services.schedule import next_run_after
from agents.workspace.models import Draft, Lead, MailboxState
from openclaw_site.aws.errors import AwsError
from tenants.gmail.google import GmailTrouble
from tenants.gmail.services import connection_prove
from tenants.isolation.context import enter_platform
from tenants.models import GmailConnection, GmailState

logger = logging.getLogger(__name__)

# Looks at a time: each holds a database connection and waits for Google most of its time.
LOOKS_AT_ONCE: Final = 8


def agents_without_work(agents: Iterable[Agent]) -> set[uuid.UUID]:
    """Ids of those of the scheduled agents that would find nothing to do; always-on ones are never among them.

    An agent is among them only when that is known: one that never read its mailbox, or whose mailbox could not be
    asked, is not. Safe to repeat.
    """
    asked = [agent for agent in agents if agent.desired_state == DesiredState.SCHEDULED]
    connected = GmailConnection.objects.filter(tenant__in={agent.tenant_id for agent in asked})
    customers = list(connected.filter(state=GmailState.CONNECTED).values_list("tenant_id", flat=True))
    shares = [share for share in (customers[start::LOOKS_AT_ONCE] for start in range(LOOKS_AT_ONCE)) if share]
    idle: dict[uuid.UUID, set[str]] = {}
    if shares:
        with ThreadPoolExecutor(max_workers=len(shares), thread_name_prefix="work") as pool:
            for found in pool.map(_idle_roles, shares):
                idle |= found
    return {agent.pk for agent in asked if agent.role in idle.get(agent.tenant_id, ())}


def agent_skip(*, agent: Agent) -> None:
    """The agent is looked at again an interval from now; it had nothing to do. Safe to repeat."""
    now = timezone.now()
    Agent.objects.filter(pk=agent.pk).update(idle_at=now, next_run_at=next_run_after(agent=agent, now=now))


def _idle_roles(customer_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Of each customer. In a thread of its own, so with a context and connections of its own."""
    try:
        return {customer_id: _idle_roles_of(customer_id) for customer_id in customer_ids}
    finally:
        connections.close_all()


def _idle_roles_of(customer_id: uuid.UUID) -> set[str]:
    try:
        with enter_platform():
            history_id = _history_id(customer_id)
        if not history_id:
            return set()
        with enter_platform(customer_id):
            return _roles_that_know(customer_id, history_id)
    except Exception as error:
        # One customer's trouble must not hold up the others: its agents are started, and their runs say what is wrong.
        logger.warning("Customer %s could not be looked at before a start: %s", customer_id, type(error).__name__)
        return set()


def _history_id(customer_id: uuid.UUID) -> str:
    """Gmail's newest history id of the mailbox; empty when it can't be told."""
    try:
        if connection_prove(customer_id=customer_id) != GmailState.CONNECTED:
            return ""
    except (AwsError, GmailTrouble):
        return ""
    return GmailConnection.objects.values_list("history_id", flat=True).get(tenant_id=customer_id)


def _roles_that_know(customer_id: uuid.UUID, history_id: str) -> set[str]:
    """Roles for which the mailbox, as of this history id, and the leads hold nothing new."""
    states = MailboxState.objects.filter(tenant_id=customer_id).values_list("agent_role", "history_id")
    read = dict(states)
    readers = (AgentRole.BUTLER, AgentRole.SCOUT)
    idle: set[str] = {role for role in readers if read.get(role) == history_id}
    drafts = Draft.objects.filter(tenant_id=customer_id, lead_id=OuterRef("id"))
    if not Lead.objects.filter(~Exists(drafts), tenant_id=customer_id).exists():
        idle.add(AgentRole.WRITER)
    return idle
