"""Every way to end says why, and what to do."""

from typing import Any

import pytest

from agents.models import AgentRun, AgentRunState
from agents.runtime.exits import Exit
from agents.selectors import explain, log_stream, log_url
from agents.services import run_record
from tests.agents.factories import agent_of, make_run, stopped, task_arn
from tests.factories import make_customer

START = {"stop_code": "TaskFailedToStart", "exit_code": None}


def ended(**fields: Any) -> AgentRun:
    run = make_run(agent_of(make_customer(state="active")), task_arn=task_arn())
    run_record(info=stopped(run.task_arn, fields.pop("exit_code", 0), **fields))
    return AgentRun.objects.select_related("agent", "tenant").get(pk=run.pk)


@pytest.mark.parametrize("code", [code for code in Exit if code is not Exit.OK])
def test_each_exit_code_of_the_runtime_has_its_own_words(code: Exit) -> None:
    explanation = explain(ended(exit_code=int(code)))
    assert explanation.cause == f"{code.meaning} (exit code {int(code)})"
    assert explanation.next_action == code.next_action
    assert explanation.passing is (code not in {64, 65, 67, 71, 75, 77})


@pytest.mark.parametrize(
    ("fields", "cause", "next_action", "passing"),
    [
        (
            {**START, "stopped_reason": "CannotPullContainerError: pull image manifest has been retried: not found"},
            "image does not exist",
            "Push the image",
            False,
        ),
        (
            {**START, "stopped_reason": "CannotPullContainerError: i/o timeout"},
            "could not be pulled",
            "registry's endpoint",
            True,
        ),
        (
            {**START, "stopped_reason": "ResourceInitializationError: failed to validate logger args: create stream"},
            "log could not be opened",
            "owns the log group",
            False,
        ),
        (
            {**START, "stopped_reason": "ResourceInitializationError: unable to pull secrets or registry auth"},
            "could not prepare the task",
            "VPC endpoints",
            True,
        ),
        (
            {**START, "stopped_reason": "ECS was unable to assume the role 'arn' that was provided for this task."},
            "customer's IAM role",
            "Wait a minute",
            True,
        ),
        (
            {**START, "stopped_reason": 'CannotStartContainerError: exec: "pyhton": executable file not found'},
            "could not be started",
            "task definition",
            False,
        ),
        (
            {**START, "stopped_reason": "Something new"},
            "could not start the task. ECS says: Something new",
            "Read",
            True,
        ),
        (
            {"exit_code": 137, "container_reason": "OutOfMemoryError: container killed due to memory usage"},
            "more memory",
            "Raise the memory",
            True,
        ),
        ({"exit_code": 143, "stop_code": "SpotInterruption"}, "took back the Spot capacity", "by itself", True),
        ({"exit_code": 143, "stop_code": "TerminationNotice"}, "retired the machine", "by itself", True),
        ({"exit_code": 2}, "exit code 2, which the agent itself never gives", "log", True),
        ({"exit_code": None}, "Essential container in task exited", "log", True),
    ],
)
def test_each_stop_of_ecs_has_its_own_words(
    fields: dict[str, Any], cause: str, next_action: str, passing: bool
) -> None:
    run = ended(**fields)
    assert run.state == AgentRunState.FAILED
    explanation = explain(run)
    assert cause in explanation.cause
    assert next_action in explanation.next_action
    assert explanation.passing is passing


MISSING_IMAGE = "CannotPullContainerError: pull image manifest has been retried: not found"


@pytest.mark.parametrize(
    ("fields", "cause", "next_action"),
    [
        (
            {"exit_code": 137, "container_reason": "OutOfMemoryError"},
            "more memory than its task has",
            "Raise the memory",
        ),
        ({"exit_code": 74}, "The engine used more memory than it may", "raise the task's memory and the limit"),
        ({"exit_code": 72}, "The engine ended with an error", "the next run tries again"),
        ({"exit_code": 73}, "The engine did not end within its time", "the next run goes on with what is left"),
        ({"exit_code": 77}, "budget for the model is spent", "Raise the customer's budget or wait"),
        ({"exit_code": 67}, "no longer accepts the customer's refresh token", "connect Gmail again"),
        ({"exit_code": 76}, "The model did not answer, or kept answering that", "check the model's id and region"),
        ({**START, "stopped_reason": MISSING_IMAGE}, "image does not exist", "Push the image"),
        ({"exit_code": 75}, "The engine's program is not there", "Build the image again"),
        ({"exit_code": 65}, "is not this customer's", "Treat it as an incident, do not restart it"),
    ],
)
def test_what_goes_wrong_in_practice_says_what_to_do(fields: dict[str, Any], cause: str, next_action: str) -> None:
    explanation = explain(ended(**fields))
    assert cause in explanation.cause
    assert next_action in explanation.next_action


def test_a_good_end_needs_nothing() -> None:
    assert explain(ended()).next_action == "Nothing to do."


@pytest.mark.parametrize("state", ["requested", "starting", "running", "stopping"])
def test_an_open_run_says_what_it_is_doing(state: str) -> None:
    run = make_run(agent_of(make_customer(state="active")), state=state)
    assert explain(run).cause
    assert explain(run).next_action.startswith(("Nothing", "Wait"))


def test_the_log_of_a_run_is_found_by_its_task(settings: Any) -> None:
    agent = agent_of(make_customer(state="active"), "scout")
    run = make_run(agent, task_arn="arn:aws:ecs:eu-central-1:1:task/openclaw-dev/0123abcd")
    assert log_stream(run) == "scout/openclaw-scout/0123abcd"
    url = log_url(run)
    assert url is not None
    assert url.endswith("/log-events/scout$252Fopenclaw-scout$252F0123abcd")
    run.task_arn = ""
    assert (log_stream(run), log_url(run)) == (None, None)
