"""A task is a real process with the end, the environment, the identity and the log that AWS would give it."""

import json

import httpx

from tests.devstack.tasks import Tasks, task_id

PRINT_IDENTITY = """
import boto3
print(boto3.client("sts").get_caller_identity()["Arn"])
"""


def test_exit_code_and_reason_of_a_task_that_ends_by_itself(tasks: Tasks) -> None:
    task = tasks.stopped(tasks.python("raise SystemExit(67)"))
    assert task["containers"][0]["exitCode"] == 67
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert "reason" not in task["containers"][0]
    times = [task[name] for name in ("createdAt", "startedAt", "executionStoppedAt", "stoppedAt")]
    assert times == sorted(times)


def test_task_carries_what_it_was_started_with(tasks: Tasks) -> None:
    tags = [{"key": "TenantID", "value": "c0ffee"}]
    task = tasks.describe(tasks.python("pass", tags=tags, startedBy="dispatcher"))
    assert task["tags"] == tags
    assert task["startedBy"] == "dispatcher"
    assert (task["cpu"], task["memory"]) == ("512", "1024")
    assert (task["launchType"], task["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")
    assert task["group"] == "family:openclaw-dev-butler"


def test_describing_moves_nothing_on(tasks: Tasks) -> None:
    arn = tasks.python("import time; time.sleep(60)")
    tasks.until(arn, "RUNNING")
    assert {tasks.describe(arn)["lastStatus"] for _ in range(8)} == {"RUNNING"}


def test_environment_is_the_definitions_with_the_override_and_nothing_of_ours(tasks: Tasks) -> None:
    program = "import json, os; print(json.dumps(dict(os.environ)))"
    arn = tasks.python(program, environment={"TENANT_ID": "abc", "HEALTH_PORT": "7"})
    tasks.stopped(arn)
    environment = json.loads(tasks.logs(arn)[0])
    expected = {"TENANT_ID": "abc", "HEALTH_PORT": "7", "DATABASE_NAME": "openclaw"}
    assert {name: environment[name] for name in expected} == expected
    assert environment["AGENT_BUCKET"] == "openclaw-dev-agents"
    assert environment["HOME"].endswith(f"/tasks/{task_id(arn)}")
    private = {"SECRET_KEY", "FIELD_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "AWS_ACCESS_KEY_ID"}
    assert private & set(environment) == set()


def test_task_role_of_the_override_is_who_the_task_is(tasks: Tasks) -> None:
    arn = tasks.python(PRINT_IDENTITY, role=tasks.make_role("t_0a"))
    assert tasks.stopped(arn)["containers"][0]["exitCode"] == 0
    assert tasks.logs(arn) == [f"arn:aws:sts::123456789012:assumed-role/t_0a/{task_id(arn)}"]


def test_credentials_address_is_closed_to_who_does_not_know_it(tasks: Tasks) -> None:
    program = "import os, time; print(os.environ['ECS_CONTAINER_METADATA_URI_V4']); print('ready'); time.sleep(60)"
    arn = tasks.python(program, role=tasks.make_role("t_0b"))
    tasks.until(arn, "RUNNING")
    tasks.printed(arn, "ready")
    address = tasks.logs(arn)[0]
    assert httpx.get(f"{address}/task", trust_env=False).json()["TaskARN"] == arn
    for path in ("/credentials/guess", "/metadata/guess", "/credentials/", "/"):
        assert tasks.world.aws.fargate.endpoint.document(path) is None


def test_role_that_does_not_exist_keeps_the_task_from_starting(tasks: Tasks) -> None:
    missing = "arn:aws:iam::123456789012:role/openclaw/tenants/t_none"
    task = tasks.stopped(tasks.python("pass", role=missing))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith(f"ECS was unable to assume the role '{missing}'")
    assert "exitCode" not in task["containers"][0]
    assert "startedAt" not in task


def test_role_that_does_not_trust_ecs_keeps_the_task_from_starting(tasks: Tasks) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    task = tasks.stopped(tasks.python("pass", role=tasks.make_role("t_0c", trust)))
    assert task["stopCode"] == "TaskFailedToStart"


def test_new_role_can_be_late(tasks: Tasks) -> None:
    role = tasks.make_role("t_0d")
    settings = tasks.world.aws.fargate.roles
    settings.propagation_seconds = 30
    try:
        assert tasks.stopped(tasks.python("pass", role=role))["stopCode"] == "TaskFailedToStart"
    finally:
        settings.propagation_seconds = 0
    assert tasks.stopped(tasks.python("pass", role=role))["stopCode"] == "EssentialContainerExited"


def test_unknown_program_keeps_the_task_from_starting(tasks: Tasks) -> None:
    task = tasks.stopped(tasks.run("no-such-program"))
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["containers"][0]["reason"].startswith("CannotStartContainerError:")


def test_output_reaches_the_log_while_the_task_runs(tasks: Tasks) -> None:
    program = "import sys, time\nprint('out')\nprint('err', file=sys.stderr)\nprint()\ntime.sleep(60)"
    arn = tasks.python(program)
    tasks.printed(arn, "err")
    assert tasks.logs(arn) == ["out", "err"]
    assert tasks.describe(arn)["lastStatus"] == "RUNNING"


def test_long_output_is_whole_and_cut_at_16_kib(tasks: Tasks) -> None:
    arn = tasks.python("print('x' * 40_000); print('end', end='')")
    tasks.stopped(arn)
    assert [len(line) for line in tasks.logs(arn)] == [16_384, 16_384, 7_232, 3]


def test_each_change_of_status_is_an_event_on_the_queue(tasks: Tasks) -> None:
    arn = tasks.python("raise SystemExit(3)")
    tasks.stopped(arn)
    events = [event for event in tasks.events() if event["detail"]["taskArn"] == arn]
    statuses = [event["detail"]["lastStatus"] for event in events]
    assert statuses == ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]
    versions = [event["detail"]["version"] for event in events]
    assert versions == [1, 2, 3, 4, 5]
    last = events[-1]
    assert (last["source"], last["detail-type"]) == ("aws.ecs", "ECS Task State Change")
    assert last["resources"] == [arn]
    assert last["detail"]["containers"][0]["exitCode"] == 3
    assert last["detail"]["stopCode"] == "EssentialContainerExited"
    assert last["detail"]["startedAt"].endswith("Z")
