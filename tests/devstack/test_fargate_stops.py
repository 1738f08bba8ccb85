"""Stopping, killing and running out of memory end as they do on AWS."""

import os
import signal
import subprocess

import pytest

from tests.devstack.tasks import CONTAINER, FAMILY, Tasks

OBEYS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
print("ready", flush=True)
time.sleep(60)
"""
IGNORES = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
PRINT_PIDS = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), child.pid, flush=True)
print("ready", flush=True)
time.sleep(60)
"""


def lives(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_stopped_task_gets_sigterm_and_says_who_wanted_it(tasks: Tasks) -> None:
    arn = tasks.python(OBEYS)
    tasks.printed(arn, "ready")
    answer = tasks.ecs.stop_task(cluster=tasks.platform.cluster, task=arn, reason="customer paused")
    assert (answer["task"]["desiredStatus"], answer["task"]["lastStatus"]) == ("STOPPED", "RUNNING")
    task = tasks.stopped(arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "customer paused")
    assert task["containers"][0]["exitCode"] == 143


def test_stopping_again_changes_nothing(tasks: Tasks) -> None:
    arn = tasks.python(OBEYS)
    tasks.printed(arn, "ready")
    for reason in ("first", "second"):
        tasks.ecs.stop_task(cluster=tasks.platform.cluster, task=arn, reason=reason)
    before = tasks.stopped(arn)
    assert before["stoppedReason"] == "first"
    tasks.ecs.stop_task(cluster=tasks.platform.cluster, task=arn, reason="third")
    assert tasks.describe(arn) == before


def test_task_that_ignores_sigterm_is_killed_after_its_stop_timeout(tasks: Tasks) -> None:
    definition = tasks.ecs.describe_task_definition(taskDefinition=FAMILY)["taskDefinition"]
    container = {**definition["containerDefinitions"][0], "stopTimeout": 2}
    tasks.ecs.register_task_definition(
        family="stops-fast",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[container],
    )
    arn = tasks.python(IGNORES, taskDefinition="stops-fast")
    tasks.printed(arn, "ready")
    tasks.ecs.stop_task(cluster=tasks.platform.cluster, task=arn, reason="deploy")
    task = tasks.stopped(arn)
    assert (task["stopCode"], task["containers"][0]["exitCode"]) == ("UserInitiated", 137)
    assert "reason" not in task["containers"][0]
    assert 2 <= (task["executionStoppedAt"] - task["stoppingAt"]).total_seconds() < 4


def test_task_stopped_before_it_started_never_runs(tasks: Tasks) -> None:
    arn = tasks.python("print('ran')")
    tasks.ecs.stop_task(cluster=tasks.platform.cluster, task=arn, reason="changed my mind")
    task = tasks.stopped(arn)
    assert task["stopCode"] == "UserInitiated"


def test_killed_process_is_exit_137_without_talk_of_memory(tasks: Tasks) -> None:
    arn = tasks.python(PRINT_PIDS)
    tasks.printed(arn, "ready")
    main, child = map(int, tasks.logs(arn)[0].split())
    os.kill(main, signal.SIGKILL)
    task = tasks.stopped(arn)
    assert (task["stopCode"], task["containers"][0]["exitCode"]) == ("EssentialContainerExited", 137)
    assert "reason" not in task["containers"][0]
    assert not lives(child)


def test_task_over_its_memory_is_killed_and_says_so(tasks: Tasks) -> None:
    program = "import time; hog = bytearray(300 * 2**20); time.sleep(60)"
    task = tasks.stopped(tasks.python(program, memory=200))
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"] == "OutOfMemoryError: container killed due to memory usage"
    assert task["stopCode"] == "EssentialContainerExited"


def test_unknown_task_can_not_be_stopped(tasks: Tasks) -> None:
    with pytest.raises(tasks.ecs.exceptions.InvalidParameterException, match="was not found"):
        tasks.ecs.stop_task(cluster=tasks.platform.cluster, task="f" * 32, reason="x")


def test_container_is_named_as_the_platform_says(tasks: Tasks) -> None:
    assert tasks.stopped(tasks.python("pass"))["containers"][0]["name"] == CONTAINER
