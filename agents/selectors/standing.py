"""How a customer's agents stand, for lists of customers and for who is about to start one. Platform context.

Owns the short count of the list and what stands in an agent's way; whether a start is refused is decided by
`agents.services.start`.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, IntegerField, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.months import month_start
from agents.selectors.due import RUNNING_STATES, fleet_paused
from tenants.models import Customer, CustomerState, GmailState, ProvisioningKind, ProvisioningStep


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why an agent does not run although it is wanted, and what a person can do."""

    cause: str
    next_action: str


def customers_with_agents(*, customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """The customers with `agents_total`, `agents_held_back`, `agents_running` and `agents_proofs`, in one query.

    `agents_running` counts open runs. `agents_proofs` is what the onboarding recorded: when each role proved itself,
    by role, or None before that. Subqueries, so that only the rows of the page are counted.
    """
    agents = Agent.objects.filter(tenant=OuterRef("pk")).order_by()
    runs = AgentRun.objects.filter(agent__tenant=OuterRef("pk")).exclude(state__in=AgentRun.ENDED).order_by()
    proofs = (
        ProvisioningStep.objects.filter(
            tenant=OuterRef("pk"), provisioning__kind=ProvisioningKind.ONBOARD, name="proof_of_life"
        )
        .order_by("-provisioning__created_at")
        .values("found")[:1]
    )
    return customers.annotate(
        agents_total=_counted(agents, "tenant"),
        agents_held_back=_counted(agents.exclude(breaker_reason=""), "tenant"),
        agents_running=_counted(runs, "agent__tenant"),
        agents_proofs=Subquery(proofs, output_field=JSONField()),
    )


def customers_with_mail() -> list[uuid.UUID]:
    """Ids of the customers whose agents have read mail, whether they run now or not."""
    return list(Customer.objects.filter(state__in=(*RUNNING_STATES, CustomerState.PAUSED)).values_list("pk", flat=True))


def hindrances(*, agent: Agent) -> list[Hindrance]:
    """What keeps the agent from running by itself now, the widest first; empty when nothing does."""
    customer = agent.tenant
    found = []
    if fleet_paused():
        found.append(
            Hindrance("Every agent of every customer is paused.", "Nothing starts until the fleet is resumed.")
        )
    if customer.paused_at is not None or customer.state == CustomerState.PAUSED:
        found.append(Hindrance(f"{customer.name} is paused.", "Nothing starts until it is resumed on its page."))
    elif customer.state not in RUNNING_STATES:
        state = customer.get_state_display()
        found.append(Hindrance(f"{customer.name} is: {state}.", "Its agents run by themselves once it is active."))
    if customer.gmail.state == GmailState.NEEDS_RECONNECT:
        found.append(Hindrance("Gmail must be connected again.", "Press “Connect Gmail” on the customer's page."))
    elif customer.gmail.state == GmailState.DISCONNECTING or (
        customer.gmail.state == GmailState.NOT_CONNECTED and customer.gmail.connected_at is not None
    ):
        found.append(Hindrance("The customer has disconnected Gmail.", "It connects Gmail again when it wants to."))
    if (wait := budget_wait(agent=agent)) is not None:
        found.append(wait)
    if agent.breaker_reason:
        found.append(Hindrance(agent.breaker_reason, "Mend the cause, then start the agent by hand."))
    return found


def budget_wait(*, agent: Agent) -> Hindrance | None:
    """The agent's wait for the next month's budget, or None. No query.

    Its next run is soon after that month begins. A mark whose time has come says nothing any more.
    """
    cents, until = agent.spent_budget_cents, agent.next_run_at
    if cents is None or until is None or until <= timezone.now():
        return None
    spent_in = month_start(until) - timedelta(days=1)
    return Hindrance(
        f"The model budget for {spent_in:%B} is spent ({cents / 100:,.2f} USD).",
        f"It runs again by itself on {until.day} {until:%B}, or as soon as its plan's budget is raised.",
    )


def _counted(rows: QuerySet[Agent] | QuerySet[AgentRun], by: str) -> Coalesce:
    numbers = rows.values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)
