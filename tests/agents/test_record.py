"""What ECS says of a run is believed in any order, once or often."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from agents.models import AgentRun, AgentRunState
from agents.services import run_record
from openclaw_site.aws.ecs import TaskInfo
from tests.agents.factories import agent_of, make_info, make_run, stopped, task_arn
from tests.factories import make_customer

ARN = task_arn()
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NEWS = (
    make_info(ARN, "PROVISIONING"),
    make_info(ARN, "RUNNING", started_at=AT),
    make_info(ARN, "DEPROVISIONING", started_at=AT),
    stopped(ARN, 70, started_at=AT, stopped_at=AT),
)


def a_run(**fields: object) -> AgentRun:
    return make_run(agent_of(make_customer(state="active")), **{"task_arn": ARN, **fields})


def test_events_in_any_order_and_each_twice_end_alike() -> None:
    for order in permutations(NEWS):
        _tell(order)
        AgentRun.objects.all().delete()


def _tell(order: tuple[TaskInfo, ...]) -> None:
    run = a_run()
    states = []
    for info in order:
        for _ in range(2):
            run_record(info=info)
            states.append(AgentRun.objects.get().state)
    ranks = ["requested", "starting", "running", "stopping", "failed"]
    assert states == sorted(states, key=ranks.index)

    run = AgentRun.objects.select_related("agent").get(pk=run.pk)
    assert (run.state, run.exit_code, run.stop_code) == (AgentRunState.FAILED, 70, "EssentialContainerExited")
    assert (run.started_at, run.stopped_at) == (AT, AT)
    assert (run.capacity_provider, run.cpu, run.memory_mib) == ("FARGATE_SPOT", 256, 512)
    assert run.agent.consecutive_failures == 1  # Ended once, however often it was said.


@pytest.mark.parametrize(
    ("info", "state"),
    [
        (make_info(ARN, "PENDING"), "starting"),
        (make_info(ARN, "ACTIVATING"), "starting"),
        (make_info(ARN, "RUNNING"), "running"),
        (make_info(ARN, "RUNNING", desired_status="STOPPED"), "stopping"),
        (make_info(ARN, "DEACTIVATING"), "stopping"),
        (make_info(ARN, "STOPPING"), "stopping"),
        (stopped(ARN, 0), "succeeded"),
        (stopped(ARN, 1), "failed"),
        (stopped(ARN, None, stop_code="TaskFailedToStart"), "failed"),
        (stopped(ARN, 0, stop_code="UserInitiated"), "succeeded"),
        (stopped(ARN, 143, stop_code="UserInitiated"), "succeeded"),
        (stopped(ARN, 137, stop_code="UserInitiated"), "succeeded"),
        (stopped(ARN, None, stop_code="UserInitiated"), "succeeded"),
        (stopped(ARN, 67, stop_code="UserInitiated"), "failed"),
        (stopped(ARN, 143), "failed"),
        (stopped(ARN, 0, stop_code="SpotInterruption"), "succeeded"),
        (stopped(ARN, 143, stop_code="SpotInterruption"), "failed"),
    ],
)
def test_the_state_is_what_ecs_says(info: TaskInfo, state: str) -> None:
    a_run()
    recorded = run_record(info=info)
    assert recorded is not None
    assert AgentRun.objects.get().state == recorded.state == state


def test_the_reasons_of_task_and_container_are_kept() -> None:
    a_run()
    run_record(info=stopped(ARN, 137, container_reason="OutOfMemoryError: container killed due to memory usage"))
    assert AgentRun.objects.get().stopped_reason == (
        "Essential container in task exited; OutOfMemoryError: container killed due to memory usage"
    )


def test_a_strangers_task_is_nobodys() -> None:
    run = a_run()
    assert run_record(info=make_info(task_arn(), "RUNNING")) is None
    assert run_record(info=make_info(task_arn(), "RUNNING", tags={"AgentRun": "not-a-uuid"})) is None
    run.refresh_from_db()
    assert run.state == AgentRunState.REQUESTED


def test_a_task_is_known_by_its_tag_before_its_arn_was_recorded() -> None:
    run = a_run(task_arn="")
    recorded = run_record(info=make_info(ARN, "RUNNING", tags={"AgentRun": str(run.pk)}))
    assert recorded is not None
    assert (recorded.pk, recorded.task_arn, recorded.state) == (run.pk, ARN, AgentRunState.RUNNING)


def test_a_second_task_does_not_take_the_runs_place() -> None:
    run = a_run()
    other = replace(NEWS[1], arn=task_arn(), tags={"AgentRun": str(run.pk)})
    recorded = run_record(info=other)
    assert recorded is not None
    assert (recorded.task_arn, recorded.state) == (ARN, AgentRunState.REQUESTED)


def test_a_run_given_up_says_which_task_came_late_and_stays_ended() -> None:
    run = a_run(task_arn="", state=AgentRunState.FAILED)
    run_record(info=NEWS[1], run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.task_arn) == (AgentRunState.FAILED, ARN)
