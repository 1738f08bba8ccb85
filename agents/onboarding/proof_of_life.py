"""The step "proof of life": each agent has shown, in the customer's own schema, that it works.

Owns what counts as proof and how often a failed run is tried again. An agent proves itself by an activity
`proof_of_life` of a run that then succeeded (or, always on, is running): the activity is written by the customer's own
database role after its own Gmail token was refreshed, so all that was provisioned has been used once.
"""

import contextlib
import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.utils import timezone

from agents import stops
from agents.errors import AgentError, AlreadyRunning
from agents.models import Agent, AgentRole, AgentRun, AgentRunState, DesiredState
from agents.onboarding.refusals import as_step_error, merged
from agents.runtime.exits import Exit
from agents.selectors import explain, proof_of_life, proven_runs, runs_latest
from agents.services import agent_start, agents_ensure, runs_refresh
from agents.services.outcome import ONBOARDING, breaker_reset
from tenants.models import Customer, GmailConnection, GmailState
from tenants.onboarding.steps.base import Found, Step, StepError, StepFailed, StepRetry, StepWaiting

# Failed runs in a row before a person is asked. With the pauses below, a new IAM role has over half a minute to spread.
TRIES: Final = 5
POLL_SECONDS: Final = 1
# What only another consent mends.
RECONNECT_EXITS: Final = frozenset({Exit.TOKEN_REVOKED, Exit.GMAIL_REFUSED})


class ProofOfLifeStep(Step):
    """All three agents have proved themselves."""

    name: ClassVar[str] = "proof_of_life"
    title: ClassVar[str] = "Proof of life"

    def apply(self, customer: Customer) -> Found:
        """When each role proved itself. Raises StepWaiting as long as one is at work, StepFailed when one can't."""
        agents = agents_ensure(customer=customer)
        runs_refresh(runs=runs_latest(customer=customer).values())
        # A proof is written before its run ends: read in this order, none is missed.
        runs, proven = runs_latest(customer=customer), proven_runs(customer=customer)
        found: dict[str, str] = {}
        open_errors: list[StepError] = []
        for agent in agents:
            run = runs.get(agent.role)
            if run is not None and _is_proven(run, proven):
                found[agent.role] = proven[run.pk].isoformat()
                continue
            try:
                open_errors.append(_go_on(customer, agent, run))
            except AgentError as error:
                open_errors.append(as_step_error(error))
        if open_errors:
            raise merged(open_errors)
        return found

    def verify(self, customer: Customer) -> None:
        """The customer's schema holds a proof of each role."""
        missing = sorted(set(AgentRole.values) - set(proof_of_life(customer=customer)))
        if missing:
            raise StepRetry(
                f"No proof of life of: {', '.join(missing)}.", next_action="Nothing now: it is looked for again."
            )

    def undo(self, customer: Customer) -> Found:
        """Nothing: the proofs go with the schema, the runs with the agents."""
        return {}


def _is_proven(run: AgentRun, proven: dict[uuid.UUID, datetime]) -> bool:
    lives = run.state == AgentRunState.RUNNING and run.agent.desired_state == DesiredState.ALWAYS_ON
    return run.pk in proven and (lives or run.state == AgentRunState.SUCCEEDED)


def _go_on(customer: Customer, agent: Agent, run: AgentRun | None) -> StepError:
    """What an agent without proof waits for, after it was started again where that may help."""
    role = agent.get_role_display()
    if run is not None and run.state not in AgentRun.ENDED:
        return _at_work(f"{role} is {run.get_state_display().lower()}.")
    if run is not None:
        held = _held_back(customer, agent, run) if run.state == AgentRunState.FAILED else _silent(run)
        if held is not None:
            return held
        if run.reported_at is not None:
            breaker_reset(agent=agent)  # A person was told, and asked to try again.
    with contextlib.suppress(AlreadyRunning):
        agent_start(agent=agent, trigger=ONBOARDING)
    return _at_work(f"{role} was started again." if run else f"{role} was started.")


def _held_back(customer: Customer, agent: Agent, run: AgentRun) -> StepError | None:
    """Why the agent is not started again now after this failed run; None when it should be."""
    explanation = explain(run)
    cause = f"{agent.get_role_display()}: {explanation.cause}"
    if run.exit_code in RECONNECT_EXITS:
        if _reconnected_since(customer, run):
            return None
        return StepWaiting(cause, next_action=explanation.next_action, person=True)
    if run.reported_at is not None:
        return None
    if not explanation.passing or agent.consecutive_failures >= TRIES:
        return _reported(run, cause, explanation.next_action)
    if timezone.now() < _next_try(agent, run):
        return _at_work(f"{cause} It is started again soon.")
    return None


def _silent(run: AgentRun) -> StepError | None:
    """Why a run that ended well without a proof is not simply repeated; None when it was stopped before it could."""
    if run.stop_code == stops.USER_INITIATED or run.reported_at is not None:
        return None
    return _reported(
        run,
        f"{run.agent.get_role_display()} ended well, but wrote no proof of life into the customer's schema.",
        "Check that the role's task definition runs the agent's image and command.",
    )


def _reported(run: AgentRun, cause: str, next_action: str) -> StepFailed:
    """A person is told of this run; the next look at it means that they pressed retry."""
    AgentRun.objects.filter(pk=run.pk).update(reported_at=timezone.now())
    return StepFailed(cause, next_action=f"{next_action} Then press retry.")


def _reconnected_since(customer: Customer, run: AgentRun) -> bool:
    """Whether another Gmail token was stored after the run began to use the old one."""
    began_at = run.started_at or run.requested_at
    connections = GmailConnection.objects.filter(tenant=customer, state=GmailState.CONNECTED)
    return connections.filter(connected_at__gt=began_at).exists()


def _next_try(agent: Agent, run: AgentRun) -> datetime:
    """2, 4, 8, 16 seconds after the failure."""
    ended_at = run.stopped_at or run.requested_at
    return ended_at + timedelta(seconds=2.0 ** max(1, min(agent.consecutive_failures, 4)))


def _at_work(message: str) -> StepWaiting:
    return StepWaiting(message, next_action="Nothing now: it is looked at again by itself.", poll_seconds=POLL_SECONDS)
