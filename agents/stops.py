"""Why a task stopped, in ECS's words and in our own: codes, and what they mean to a person.

Owns the codes that stand in AgentRun.stop_code and the table that reads ECS's reasons. Exit codes are the runtime's
(`agents.runtime.exits`). Source: Amazon ECS developer guide, "Stopped task error messages" and the API reference,
Task, `stopCode`.
"""

import re
from dataclasses import dataclass
from typing import Final

# ECS's own codes.
USER_INITIATED: Final = "UserInitiated"
FAILED_TO_START: Final = "TaskFailedToStart"
SPOT_INTERRUPTION: Final = "SpotInterruption"
TERMINATION_NOTICE: Final = "TerminationNotice"
# Ours, for runs that ECS never told the end of. Errors of openclaw_site.aws stand here by their class's name.
LOST: Final = "TaskLost"
NOT_TAKEN: Final = "TaskNotTaken"

# The machine was taken away, whatever the agent did.
INTERRUPTIONS: Final = frozenset({SPOT_INTERRUPTION, TERMINATION_NOTICE})


@dataclass(frozen=True, slots=True)
class StopReason:
    """What a stop means. `passing`: another run may succeed without anybody's doing."""

    cause: str
    next_action: str
    passing: bool


_OUT_OF_MEMORY: Final = StopReason(
    "The agent needed more memory than its task has, and was killed.",
    "Raise the memory in the role's task definition (Terraform owns it), apply, start the agent again.",
    True,
)

# Read in order; the first whose text occurs in the reason says what it means.
_BY_TEXT: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"OutOfMemory", _OUT_OF_MEMORY),
        (
            r"unable to assume",
            StopReason(
                "ECS could not take on the customer's IAM role: the role is new and not known everywhere yet, "
                "or its trust policy is wrong.",
                "Wait a minute and start the agent again. If it lasts, run the customer's provisioning again, which "
                "mends the role.",
                True,
            ),
        ),
        (
            r"CannotPull\w*Error.*(not found|manifest|does not exist|repository)",
            StopReason(
                "The agent's container image does not exist in the registry.",
                "Push the image, or correct its name in the role's task definition and apply Terraform; then start "
                "the agent again.",
                False,
            ),
        ),
        (
            r"CannotPull\w*Error",
            StopReason(
                "The agent's container image could not be pulled.",
                "Check the registry's endpoint and the execution role's permissions; then start the agent again.",
                True,
            ),
        ),
        (
            r"ResourceInitializationError.*log",
            StopReason(
                "The task's log could not be opened: the log group is missing or may not be written.",
                "Apply Terraform, which owns the log group and the execution role; then start the agent again.",
                False,
            ),
        ),
        (
            r"ResourceInitializationError",
            StopReason(
                "Fargate could not prepare the task (network, secrets or log).",
                "Check the agents' subnets and VPC endpoints and the execution role; then start the agent again.",
                True,
            ),
        ),
        (
            r"CannotStartContainerError|CannotCreateContainerError|ContainerRuntimeError",
            StopReason(
                "The container could not be started: its command or its image is wrong.",
                "Correct the role's task definition or image, apply Terraform; then start the agent again.",
                False,
            ),
        ),
        (
            r"capacity is unavailable|network interface|TaskNetworkProvisioning",
            StopReason(
                "Fargate had no room for the task.",
                "Nothing now: the next run tries again. If it lasts, add subnets in other availability zones.",
                True,
            ),
        ),
    )
)

_BY_CODE: Final = {
    FAILED_TO_START: StopReason(
        "ECS could not start the task.",
        "Read ECS's reason, mend what it names, start the agent again.",
        True,
    ),
    SPOT_INTERRUPTION: StopReason(
        "AWS took back the Spot capacity that the task ran on.",
        "Nothing to do: the agent is started again by itself.",
        True,
    ),
    TERMINATION_NOTICE: StopReason(
        "AWS retired the machine that the task ran on.",
        "Nothing to do: the agent is started again by itself.",
        True,
    ),
    LOST: StopReason(
        "ECS no longer knows the task, and how it ended was never heard.",
        "Read the agent's log for its last lines. If this comes again, check that the task event rule still sends to "
        "the queue and that ECS_CLUSTER names the right cluster.",
        True,
    ),
    NOT_TAKEN: StopReason(
        "ECS did not take the task in the time it was asked for.",
        "See the reason. When that is mended, start the agent again.",
        True,
    ),
}


def stop_reason(*, stop_code: str, text: str) -> StopReason | None:
    """What ECS's (or our) stop code and reason mean; None when they leave it to the exit code."""
    for pattern, reason in _BY_TEXT:
        if pattern.search(text):
            return reason
    return _BY_CODE.get(stop_code)
