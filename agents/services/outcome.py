"""What the end of a run means: failures in a row, the breaker, the next run, the customer's state, onboarding.

Owns these consequences and nothing of the run itself. Runs inside the transaction that ended the run, with the agent
locked; what is read from the customer's schema comes after it (`followup`). Platform context.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from agents import stops
from agents.models import Agent, AgentRun, AgentRunState, DesiredState
from agents.months import next_month_start
from agents.runtime.exits import Exit
from agents.selectors.explanation import explain
from agents.services.budget import WAIT_FIELDS, agent_wait
from agents.services.followup import run_follow_up
from agents.services.schedule import next_run_after
from tenants.models import Customer, CustomerState, GmailState
from tenants.onboarding.services import provisioning_wake
from tenants.services import customer_state_set

BREAKER_FAILURES: Final = 3
ONBOARDING: Final = "onboarding"
# An always-on agent that fails waits this long times two to the number of failures.
ALWAYS_ON_BACKOFF_SECONDS: Final = 30

_ON_THE_WAY: Final = (
    CustomerState.PENDING,
    CustomerState.PROVISIONING,
    CustomerState.AWAITING_GMAIL,
    CustomerState.OFFBOARDING,
)


def run_ended(*, run: AgentRun) -> None:
    """Everything that follows from this run's end has happened. Called once a run, by whoever ended it."""
    agent = run.agent
    asked = run.stop_code == stops.USER_INITIATED
    if run.state == AgentRunState.SUCCEEDED and not asked:
        agent.consecutive_failures = 0
        agent.breaker_reason = ""
    elif run.state == AgentRunState.FAILED and run.stop_code not in stops.INTERRUPTIONS and not _is_broke(run):
        _count_failure(agent, run)
    agent.next_run_at = _next_run(agent, run, timezone.now())
    if _is_broke(run):
        _wait_for_budget(agent, run, timezone.now())
    agent.save(update_fields=["consecutive_failures", "breaker_reason", *WAIT_FIELDS])
    _follow_customer(agent, run)
    transaction.on_commit(partial(run_follow_up, run=run))


def breaker_reset(*, agent: Agent) -> None:
    """Failures so far are forgotten and runs may start again. Safe to repeat."""
    agent.consecutive_failures = 0
    agent.breaker_reason = ""
    agent.save(update_fields=["consecutive_failures", "breaker_reason"])


def _count_failure(agent: Agent, run: AgentRun) -> None:
    """Onboarding has its own bound of tries, so its failures count but trip nothing."""
    agent.consecutive_failures += 1
    if agent.consecutive_failures >= BREAKER_FAILURES and run.trigger != ONBOARDING:
        cause = explain(run).cause
        agent.breaker_reason = f"{agent.consecutive_failures} runs in a row failed. The last: {cause}"[:500]


def _next_run(agent: Agent, run: AgentRun, now: datetime) -> datetime | None:
    """A scheduled agent's next time was set when it started; one whose machine was taken goes on at once."""
    if run.stop_code in stops.INTERRUPTIONS and run.state == AgentRunState.FAILED:
        return now
    if agent.desired_state != DesiredState.ALWAYS_ON:
        return agent.next_run_at
    if run.state == AgentRunState.FAILED:
        return now + timedelta(seconds=ALWAYS_ON_BACKOFF_SECONDS * 2 ** min(agent.consecutive_failures, 6))
    return now


def _is_broke(run: AgentRun) -> bool:
    """Whether it ended for want of money: no fault of the agent, and nothing that another try would change."""
    return run.state == AgentRunState.FAILED and run.exit_code == Exit.BUDGET_SPENT


def _wait_for_budget(agent: Agent, run: AgentRun, now: datetime) -> None:
    """Until the month after the one whose budget the run spent; if that has begun, an interval is enough."""
    began_at = run.started_at or run.requested_at
    if next_month_start(began_at) > now:
        agent_wait(agent=agent, budget_cents=run.model_budget_cents, spent_at=began_at)
    else:
        agent.next_run_at = next_run_after(agent=agent, now=now)


def _follow_customer(agent: Agent, run: AgentRun) -> None:
    customer = Customer.objects.select_related("gmail").get(pk=agent.tenant_id)
    if customer.state == CustomerState.ACTIVE and agent.breaker_reason:
        reason = f"{agent.get_role_display()} stopped: {agent.breaker_reason}"[:500]
        customer_state_set(customer_id=customer.pk, state=CustomerState.DEGRADED, reason=reason)
    elif customer.state == CustomerState.DEGRADED and run.state == AgentRunState.SUCCEEDED and _is_well(customer):
        customer_state_set(customer_id=customer.pk, state=CustomerState.ACTIVE)
    elif customer.state in _ON_THE_WAY:
        transaction.on_commit(lambda: provisioning_wake(customer_id=customer.pk))


def _is_well(customer: Customer) -> bool:
    broken = Agent.objects.filter(tenant=customer).exclude(breaker_reason="").exists()
    return not broken and customer.gmail.state != GmailState.NEEDS_RECONNECT
