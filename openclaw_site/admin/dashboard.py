"""The admin's front page: what needs a person first, then numbers that lead to the rows they count."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from agents.models import Agent, AgentRun, Fleet
from billing.models import PaymentEvent
from openclaw_site.admin.business import charts
from tenants.models import Customer, CustomerState, GmailConnection, GmailState, ProvisioningStep, StepState
from tenants.onboarding.registry import step_title

AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person."""

    customer: Customer
    what: str
    why: str
    next_action: str = ""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback: the title, `needs`, `numbers`, `charts`, `fleet`. A constant number of queries."""
    context["title"] = "Overview"
    context["may_see_customers"] = request.user.has_perm("tenants.view_customer")
    if not context["may_see_customers"]:
        return context
    fleet = Fleet.objects.select_related("paused_by").first()
    needs = [*_failed_steps(), *_gmail(), *_breakers(), *_degraded()]
    may_see_runs = request.user.has_perm("agents.view_agentrun")
    numbers = _numbers(with_runs=may_see_runs)
    if request.user.has_perm("billing.view_paymentevent"):
        numbers += _payments()
    context |= {"needs": needs, "numbers": numbers, "fleet": fleet}
    context["may_pause_fleet"] = request.user.has_perm("agents.change_fleet")
    context["charts"] = charts(request)
    return context


def _failed_steps() -> list[Need]:
    steps = ProvisioningStep.objects.filter(state=StepState.FAILED, provisioning__state="failed")
    return [
        Need(step.tenant, f"{step_title(step.name)} failed", step.error, step.next_action)
        for step in steps.select_related("tenant")[:AT_MOST]
    ]


def _gmail() -> list[Need]:
    waiting = GmailConnection.objects.select_related("tenant").exclude(
        tenant__state__in=[CustomerState.OFFBOARDING, CustomerState.CLOSED]
    )
    needs = []
    for one in waiting.filter(state=GmailState.NEEDS_RECONNECT)[:AT_MOST]:
        needs.append(Need(one.tenant, "Gmail must be connected again", one.error, one.next_action))
    for one in waiting.filter(state=GmailState.NOT_CONNECTED, tenant__state=CustomerState.AWAITING_GMAIL)[:AT_MOST]:
        days = (timezone.now() - one.tenant.created_at).days
        since = f"for {days} days" if days else "since today"
        needs.append(Need(one.tenant, "Waits for Gmail", f"Not connected {since}.", "Connect it, or send the link."))
    return needs


def _breakers() -> list[Need]:
    agents = Agent.objects.exclude(breaker_reason="").select_related("tenant")
    return [
        Need(agent.tenant, f"{agent.get_role_display()} is not started any more", agent.breaker_reason)
        for agent in agents[:AT_MOST]
    ]


def _degraded() -> list[Need]:
    customers = Customer.objects.filter(state=CustomerState.DEGRADED)
    return [Need(one, "Degraded", one.state_reason or "An agent keeps failing.") for one in customers[:AT_MOST]]


def _numbers(*, with_runs: bool) -> list[tuple[str, int, str]]:
    """Title, number and the address of the list that the number counts."""
    customers = reverse("admin:tenants_customer_changelist")
    runs = reverse("admin:agents_agentrun_changelist")
    by_state = dict(Customer.objects.values_list("state").annotate(Count("id")).order_by())
    numbers = [
        (label, by_state[state], f"{customers}?state__exact={state}")
        for state, label in CustomerState.choices
        if by_state.get(state)
    ]
    if not with_runs:
        return numbers
    day = timezone.now() - timedelta(days=1)
    recent = dict(AgentRun.objects.filter(requested_at__gte=day).values_list("state").annotate(Count("id")).order_by())
    running = sum(number for state, number in recent.items() if state not in AgentRun.ENDED)
    numbers.append(("Agents running", running, f"{runs}?state__exact=running"))
    numbers.append(("Runs in 24 hours", sum(recent.values()), runs))
    numbers.append(("Failures in 24 hours", recent.get("failed", 0), f"{runs}?state__exact=failed"))
    return numbers


def _payments() -> list[tuple[str, int, str]]:
    """Messages of Stripe's that a person has to look at, where there are any."""
    count = PaymentEvent.objects.exclude(problem="").count()
    messages = reverse("admin:billing_paymentevent_changelist")
    return [("Payments to look at", count, f"{messages}?standing=look")] if count else []


def fleet_paused_label(request: HttpRequest) -> list[str] | None:
    """Unfold's environment callback: a badge on every page while everything is paused."""
    if not request.user.is_authenticated or not request.user.is_staff:
        return None
    paused = Fleet.objects.filter(paused_at__isnull=False).exists()
    return ["Everything is paused", "danger"] if paused else None
