"""Makes our runs equal to what ECS knows: what events did not tell, and what a crash left half-done. Platform context.

Owns the rounds: adopt tasks by their tag, describe open runs, ask again for tasks that were not taken, deliver stops,
follow up what ended, and measure what goes on.
How a description changes a run is `record`.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from agents import stops
from agents.errors import AgentError
from agents.models import AgentRun, AgentRunState
from agents.selectors import runs_open
from agents.services.followup import runs_follow_up, runs_measure_open
from agents.services.launch import run_launch
from agents.services.record import RUN_TAG, TENANT_TAG, run_close, run_record
from agents.services.stop import run_stop_deliver
from openclaw_site.aws import ecs
from tenants.models import Customer

logger = logging.getLogger(__name__)

# A start may be under way so long; younger runs are left to whoever is starting them.
STARTING_SECONDS: Final = 60
# ECS may not list or describe a task at once; after this it does not know it.
LOST_SECONDS: Final = 180
# ECS is asked for a task so long.
REQUESTED_SECONDS: Final = 600


def agent_runs_reconcile() -> int:
    """Every open run says what ECS says; how many were looked at. Safe to repeat, and at the same time.

    Raises AwsError when ECS does not answer; nothing is concluded from that.
    """
    _adopt()
    runs = list(runs_open())
    described = _described(run.task_arn for run in runs if run.task_arn)
    for run in runs:
        _settle(run, described.get(run.task_arn))
    runs_follow_up()
    runs_measure_open()
    return len(runs)


def run_refresh(*, run: AgentRun) -> AgentRun:
    """The run as ECS knows it now, recorded. Safe to repeat. Raises AwsError."""
    runs_refresh(runs=[run])
    return AgentRun.objects.select_related("agent", "tenant").get(pk=run.pk)


def runs_refresh(*, runs: Iterable[AgentRun]) -> None:
    """What ECS knows of these runs is recorded; the given objects stay as they are. Safe to repeat. Raises AwsError."""
    asked = [run for run in runs if run.task_arn and run.state not in AgentRun.ENDED]
    described = _described(run.task_arn for run in asked)
    for run in asked:
        _settle(run, described.get(run.task_arn))


def customer_tasks(*, customer: Customer) -> list[ecs.TaskInfo]:
    """The tasks that ECS runs, and means to go on running, in the customer's name. Raises AwsError."""
    listed = ecs.list_task_arns(cluster=settings.ECS_CLUSTER, status="RUNNING")
    return [info for info in _described(listed).values() if info.tags.get(TENANT_TAG) == customer.tenant_hex]


def _described(task_arns: Iterable[str]) -> dict[str, ecs.TaskInfo]:
    found = ecs.describe_tasks(cluster=settings.ECS_CLUSTER, task_arns=list(task_arns))
    return {info.arn: info for info in found}


def _adopt() -> None:
    """Tasks that run without our knowing: their run gets them; one whose run has ended is stopped."""
    listed = ecs.list_task_arns(cluster=settings.ECS_CLUSTER, status="RUNNING")
    known = set(runs_open().exclude(task_arn="").values_list("task_arn", flat=True))
    for info in _described(arn for arn in listed if arn not in known).values():
        run = _run_of(info)
        if run is None:
            logger.warning("Task %s runs in our cluster and belongs to no run: look who started it.", info.arn)
        elif run.state in AgentRun.ENDED or run.task_arn not in ("", info.arn):
            logger.warning("Task %s runs although its run %s does not need it: stopped.", info.arn, run.pk)
            ecs.stop_task(cluster=settings.ECS_CLUSTER, task_arn=info.arn, reason="its run has ended")
        else:
            run_record(info=info, run_id=run.pk)


def _run_of(info: ecs.TaskInfo) -> AgentRun | None:
    try:
        run_id = uuid.UUID(info.tags.get(RUN_TAG, ""))
    except ValueError:
        return None
    return AgentRun.objects.filter(pk=run_id).first()


def _settle(run: AgentRun, info: ecs.TaskInfo | None) -> None:
    """One open run: what ECS says of it, and what is left to do for it."""
    age = timezone.now() - run.requested_at
    if not run.task_arn:
        _settle_without_task(run, age)
    elif info is None:
        if age > timedelta(seconds=LOST_SECONDS):
            _lose(run)
    else:
        recorded = run_record(info=info)
        stopping = recorded is not None and recorded.state == AgentRunState.STOPPING
        if stopping and info.desired_status != "STOPPED":
            run_stop_deliver(run=run, reason=run.stopped_reason)


def _settle_without_task(run: AgentRun, age: timedelta) -> None:
    if run.state == AgentRunState.STOPPING:
        if age > timedelta(seconds=LOST_SECONDS):
            reason = run.stopped_reason or "stopped before it had a task"
            run_close(
                run=run,
                state=AgentRunState.SUCCEEDED,
                stop_code=stops.USER_INITIATED,
                reason=reason,
                unstarted=True,
            )
    elif age > timedelta(seconds=REQUESTED_SECONDS):
        reason = run.stopped_reason or "no answer was recorded"
        run_close(run=run, state=AgentRunState.FAILED, stop_code=stops.NOT_TAKEN, reason=reason, unstarted=True)
    elif age > timedelta(seconds=STARTING_SECONDS):
        try:
            run_launch(run=run)
        except AgentError as error:
            logger.warning("Run %s: %s", run.pk, error)


def _lose(run: AgentRun) -> None:
    asked = run.state == AgentRunState.STOPPING
    run_close(
        run=run,
        state=AgentRunState.SUCCEEDED if asked else AgentRunState.FAILED,
        stop_code=stops.USER_INITIATED if asked else stops.LOST,
        reason=run.stopped_reason if asked else "ECS no longer knows the task",
    )
    logger.warning("Run %s: ECS no longer knows the task %s.", run.pk, run.task_arn)
