"""What refusals mean to the onboarding: wait, or ask a person; and of several agents', which one counts."""

from collections.abc import Sequence

from agents.errors import AgentError, AgentsPaused
from tenants.onboarding.steps.base import StepError, StepFailed, StepWaiting

PAUSE_POLL_SECONDS = 30


def as_step_error(error: AgentError) -> StepError:
    """A pause is waited for, and looked at again by itself; anything else needs a person."""
    if isinstance(error, AgentsPaused):
        return StepWaiting(str(error), next_action=error.next_action, poll_seconds=PAUSE_POLL_SECONDS)
    return StepFailed(str(error), next_action=error.next_action)


def merged(errors: Sequence[StepError]) -> StepError:
    """One error for several agents: a failure counts before waiting for a person, that before waiting."""
    weightiest = max(errors, key=_weight)
    alike = [error for error in errors if _weight(error) == _weight(weightiest)]
    message = " ".join(dict.fromkeys(str(error) for error in alike))
    next_action = " ".join(dict.fromkeys(error.next_action for error in alike))
    if isinstance(weightiest, StepWaiting):
        return StepWaiting(
            message, next_action=next_action, poll_seconds=weightiest.poll_seconds, person=weightiest.person
        )
    return type(weightiest)(message, next_action=next_action)


def _weight(error: StepError) -> int:
    if not isinstance(error, StepWaiting):
        return 2
    return 1 if error.person else 0
