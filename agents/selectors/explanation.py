"""Why a run is as it is, and what to do about it: one answer for the commands, the admin and the onboarding.

Owns the order in which the witnesses are heard: our own state first, then ECS's stop code and reason, then the
program's exit code. Needs the platform's context only for the run's agent, when that is not loaded.
"""

from dataclasses import dataclass, replace

from agents import stops
from agents.models import AgentRun, AgentRunState
from agents.runtime.exits import Exit
from openclaw_site.aws import errors

NOTHING = "Nothing to do."

# What another run would only meet again, until a person has changed something.
_LASTING_EXITS = frozenset(
    {
        Exit.CONFIG,
        Exit.IDENTITY_MISMATCH,
        Exit.TOKEN_REVOKED,
        Exit.GMAIL_REFUSED,
        Exit.ENGINE_MISSING,
        Exit.BUDGET_SPENT,
    }
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`cause` in a sentence or two, `next_action` for a person. `passing`: another run may succeed by itself."""

    cause: str
    next_action: str
    passing: bool = True


def explain(run: AgentRun) -> Explanation:
    """Why the run is in its state and what to do. Asks nobody outside; safe for any run."""
    if run.state == AgentRunState.SUCCEEDED:
        return _succeeded(run)
    if run.state != AgentRunState.FAILED:
        return _open(run)
    found = _failed(run)
    if run.agent.breaker_reason:
        return replace(
            found,
            next_action=f"{found.next_action} No run starts by itself any more: start the agent when it is mended.",
        )
    return found


def _open(run: AgentRun) -> Explanation:
    if run.state == AgentRunState.REQUESTED:
        reason = f" The last try: {run.stopped_reason}" if run.stopped_reason else ""
        return Explanation(
            f"ECS has not taken the task yet.{reason}", "Nothing now: ECS is asked again for ten minutes."
        )
    if run.state == AgentRunState.STARTING:
        return Explanation("Fargate is starting the task.", "Wait: a minute is usual.")
    if run.state == AgentRunState.STOPPING:
        reason = f": {run.stopped_reason}" if run.stopped_reason else "."
        return Explanation(f"The task is stopping{reason}", "Wait: it has half a minute before it is killed.")
    return Explanation("The agent is working.", NOTHING)


def _succeeded(run: AgentRun) -> Explanation:
    if run.stop_code == stops.USER_INITIATED:
        killed = " It did not end in time and was killed." if run.exit_code == Exit.KILLED else ""
        reason = f": {run.stopped_reason}" if run.stopped_reason else "."
        return Explanation(f"It was stopped as asked{reason}{killed}", "Nothing: start it when it should run again.")
    return Explanation(Exit.OK.meaning, NOTHING)


def _failed(run: AgentRun) -> Explanation:
    """The witnesses in order: an AWS refusal, ECS's reason, the exit code, and at last the bare reason."""
    refusal = getattr(errors, run.stop_code, None) if run.stop_code else None
    if isinstance(refusal, type) and issubclass(refusal, errors.AwsError):
        return Explanation(f"The task was not started. {run.stopped_reason}", refusal.default_next_action, False)
    said = stops.stop_reason(stop_code=run.stop_code, text=run.stopped_reason)
    if said is not None:
        detail = f" ECS says: {run.stopped_reason}" if run.stopped_reason else ""
        return Explanation(f"{said.cause}{detail}", said.next_action, said.passing)
    meaning = Exit.explain(run.exit_code)
    if meaning is not None and meaning is not Exit.OK:
        lasting = meaning in _LASTING_EXITS
        return Explanation(f"{meaning.meaning} (exit code {int(meaning)})", meaning.next_action, not lasting)
    if run.exit_code is not None:
        return Explanation(
            f"The program ended with exit code {run.exit_code}, which the agent itself never gives.",
            "Read the agent's log and check the image and the command of the role's task definition.",
        )
    return Explanation(run.stopped_reason or "The task ended without a reason.", "Read the agent's log.")
