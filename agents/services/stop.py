"""Asks runs to stop. Platform context, outside any transaction.

Owns the wish: it is written first (`stopping`), then ECS is asked, so that the reconcile can deliver a wish that could
not be delivered. That the task has stopped comes from ECS, through `record`.
"""

import logging
from typing import Final

from django.conf import settings

from agents import stops
from agents.models import Agent, AgentRun, AgentRunState
from agents.selectors import runs_open
from agents.services.record import run_close
from openclaw_site.aws import ecs
from openclaw_site.aws.errors import AwsError, TaskMissing
from tenants.models import Customer, User

logger = logging.getLogger(__name__)

_STOPPABLE: Final = (AgentRunState.REQUESTED, AgentRunState.STARTING, AgentRunState.RUNNING)


def agent_stop(*, agent: Agent, actor: User | None = None, reason: str) -> bool:
    """The agent's open run is asked to stop; False when it has none. Safe to repeat.

    What is wanted of the agent stays: a scheduled one runs again at its next time. Raises AwsError when ECS refused
    for good; the wish stands and is delivered later.
    """
    run = runs_open().filter(agent=agent).first()
    if run is None:
        return False
    logger.info("Run %s: stop asked by user %s.", run.pk, actor.pk if actor else None)
    run_stop(run=run, reason=reason)
    return True


def customer_runs_stop(*, customer: Customer, reason: str) -> int:
    """Every open run of the customer is asked to stop; how many there were. Safe to repeat. Raises AwsError."""
    runs = list(runs_open().filter(tenant=customer))
    for run in runs:
        run_stop(run=run, reason=reason)
    return len(runs)


def run_stop(*, run: AgentRun, reason: str) -> None:
    """The run is `stopping` and ECS was asked, or will be. Safe to repeat; an ended run is left as it is.

    Raises AwsError when ECS refused for good.
    """
    AgentRun.objects.filter(pk=run.pk, state__in=_STOPPABLE).update(
        state=AgentRunState.STOPPING, stopped_reason=reason[:1000]
    )
    run.refresh_from_db(fields=["state", "task_arn", "stopped_reason"])
    # Without a task, whoever is starting it sees the wish; if nobody is, the reconcile closes the run.
    if run.state == AgentRunState.STOPPING and run.task_arn:
        run_stop_deliver(run=run, reason=reason)


def run_stop_deliver(*, run: AgentRun, reason: str) -> None:
    """ECS was asked to stop the run's task. A task that it no longer knows has stopped. Raises AwsError."""
    try:
        ecs.stop_task(cluster=settings.ECS_CLUSTER, task_arn=run.task_arn, reason=reason or "asked to stop")
    except TaskMissing:
        run_close(run=run, state=AgentRunState.SUCCEEDED, stop_code=stops.USER_INITIATED, reason=reason)
    except AwsError as error:
        if not error.retryable:
            raise
        logger.warning("Run %s could not be asked to stop yet: %s", run.pk, error)
