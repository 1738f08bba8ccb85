"""The one writer of what ECS says of a run: from RunTask's answer, an event, or a description.

Owns the order of states. It only goes forward, so that repeated and late news change nothing; blanks are filled
whenever they are told. What the end of a run means for its agent and customer is `outcome`. Platform context.
"""

import logging
import uuid
from copy import copy
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from agents import stops
from agents.models import Agent, AgentRun, AgentRunState
from agents.runtime.exits import Exit
from agents.services.outcome import run_ended
from openclaw_site.aws.ecs import TaskInfo

logger = logging.getLogger(__name__)

RUN_TAG: Final = "AgentRun"
TENANT_TAG: Final = "TenantID"

_RANK: Final = {
    AgentRunState.REQUESTED: 0,
    AgentRunState.STARTING: 1,
    AgentRunState.RUNNING: 2,
    AgentRunState.STOPPING: 3,
    AgentRunState.SUCCEEDED: 4,
    AgentRunState.FAILED: 4,
}
# How a run ends that was asked to stop: before it started, in its own time, by SIGTERM, by SIGKILL.
_STOPPED_EXITS: Final = frozenset({None, Exit.OK, Exit.TERMINATED, Exit.KILLED})

_TOLD_AT_START: Final = (
    "state",
    "task_arn",
    "task_definition_arn",
    "capacity_provider",
    "cpu",
    "memory_mib",
    "pull_started_at",
    "started_at",
    "stopped_reason",
)


def run_record(*, info: TaskInfo, run_id: uuid.UUID | None = None) -> AgentRun | None:
    """The run of this task is at least as far as `info` says; the run, or None when the task is nobody's.

    The task is known by `run_id`, its ARN or its tag. Safe to repeat and in any order. A run that has another task
    already is returned unchanged. A run ends as succeeded with exit code 0, or when it was asked to stop and stopped;
    a failure that came to light while it stopped remains one.
    """
    with transaction.atomic():
        run = _locked(info, run_id)
        if run is None or run.task_arn not in ("", info.arn):
            return run
        if run.state in AgentRun.ENDED:
            # Ended without a task (given up, or stopped early), and here is one: say which, change nothing else.
            if not run.task_arn:
                run.task_arn = info.arn
                run.save(update_fields=["task_arn"])
            return run
        _fill(run, info)
        state = _state(info)
        if _RANK[state] > _RANK[AgentRunState(run.state)]:
            run.state = state
            if state in AgentRun.ENDED:
                _fill_end(run, info)
        run.save()
        if run.state in AgentRun.ENDED:
            run_ended(run=run)
    return run


def run_record_start(*, run: AgentRun, info: TaskInfo) -> bool:
    """RunTask's answer for a run that nobody touched since it was claimed, in one statement; False when it is not so.

    `run` is brought up to date when it holds. Otherwise nothing changed, and `run_record` is the one to call.
    """
    if _state(info) != AgentRunState.STARTING:
        return False
    told = copy(run)
    _fill(told, info)
    told.state = AgentRunState.STARTING
    values = {name: getattr(told, name) for name in _TOLD_AT_START}
    untouched = AgentRun.objects.filter(pk=run.pk, state=AgentRunState.REQUESTED, task_arn="")
    if not untouched.update(**values):
        return False
    for name, value in values.items():
        setattr(run, name, value)
    return True


def run_close(*, run: AgentRun, state: AgentRunState, stop_code: str, reason: str, unstarted: bool = False) -> bool:
    """End a run whose end ECS won't tell; False when it had ended (or, with `unstarted`, got a task) already.

    Safe to repeat.
    """
    with transaction.atomic():
        locked = _lock(run.pk)
        if locked is None or locked.state in AgentRun.ENDED or (unstarted and locked.task_arn):
            return False
        locked.state = state
        locked.stop_code = stop_code[:60]
        locked.stopped_reason = reason[:1000]
        locked.stopped_at = timezone.now()
        locked.measured_at = None
        locked.save()
        run_ended(run=locked)
    return True


def _locked(info: TaskInfo, run_id: uuid.UUID | None) -> AgentRun | None:
    found = run_id or AgentRun.objects.filter(task_arn=info.arn).values_list("id", flat=True).first()
    if found is None and info.tags.get(RUN_TAG):
        try:
            found = uuid.UUID(info.tags[RUN_TAG])
        except ValueError:
            return None
    return _lock(found) if found else None


def _lock(run_id: uuid.UUID) -> AgentRun | None:
    """The run, locked after its agent: every writer takes them in this order, so none waits for another in a ring."""
    agent_id = AgentRun.objects.filter(pk=run_id).values_list("agent_id", flat=True).first()
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first() if agent_id else None
    if agent is None:
        return None
    run = AgentRun.objects.select_for_update(of=("self",)).select_related("tenant").filter(pk=run_id).first()
    if run is not None:
        run.agent = agent
    return run


def _state(info: TaskInfo) -> AgentRunState:
    if info.last_status == "STOPPED":
        return _end_state(info)
    if info.desired_status == "STOPPED" or info.last_status in ("DEACTIVATING", "STOPPING", "DEPROVISIONING"):
        return AgentRunState.STOPPING
    return AgentRunState.RUNNING if info.last_status == "RUNNING" else AgentRunState.STARTING


def _end_state(info: TaskInfo) -> AgentRunState:
    asked = info.stop_code == stops.USER_INITIATED and info.exit_code in _STOPPED_EXITS
    done = info.exit_code == Exit.OK and info.stop_code != stops.FAILED_TO_START
    return AgentRunState.SUCCEEDED if asked or done else AgentRunState.FAILED


def _fill(run: AgentRun, info: TaskInfo) -> None:
    run.task_arn = info.arn
    run.task_definition_arn = run.task_definition_arn or info.task_definition_arn
    run.capacity_provider = run.capacity_provider or info.capacity_provider or ""
    run.cpu = run.cpu or info.cpu
    run.memory_mib = run.memory_mib or info.memory_mib
    run.pull_started_at = run.pull_started_at or info.pull_started_at
    run.started_at = run.started_at or info.started_at
    if run.state == AgentRunState.REQUESTED:
        run.stopped_reason = ""  # Why the last try to start it failed.


def _fill_end(run: AgentRun, info: TaskInfo) -> None:
    run.exit_code = info.exit_code
    run.stop_code = (info.stop_code or "")[:60]
    said = [part for part in (info.stopped_reason, info.container_reason) if part]
    run.stopped_reason = "; ".join(said)[:1000]
    run.stopped_at = _time(info.stopped_at)
    run.measured_at = None  # What was measured meanwhile is not all of it.


def _time(moment: datetime | None) -> datetime:
    return moment or timezone.now()
