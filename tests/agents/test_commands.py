"""The operators' commands: what they print, and what their exit codes say."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Agent, AgentRun, AgentRunState
from agents.services import agent_start, agents_ensure, fleet_pause, run_record
from openclaw_site.aws.clients import reset_clients
from tenants.services import customer_pause
from tests.agents.cluster import Cluster
from tests.agents.command_line import run
from tests.agents.factories import agent_of, make_agent, make_run, stopped, task_arn
from tests.agents.workspaces import make_customer_with_schema, spend, tell
from tests.aws.faults import closed_port
from tests.factories import make_customer


# -- agents --------------------------------------------------------------------------------------------
def test_agents_lists_each_agent_with_its_last_run() -> None:
    customer = make_customer(state="active", slug="acme")
    butler = agent_of(customer, "butler")
    make_run(butler, state="failed", exit_code=69, age_seconds=700)
    make_run(butler, state="succeeded", exit_code=0, age_seconds=30)
    Agent.objects.filter(role="writer").update(desired_state="stopped")
    Agent.objects.filter(role="scout").update(breaker_reason="3 runs in a row failed.")
    agents_ensure(customer=make_customer(state="active", slug="other"))

    outcome = run("agents", "acme")
    assert outcome.code == 0
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines[0] == ["CUSTOMER", "ROLE", "WANTED", "LAST", "RUN", "STATE", "EXIT", "NEXT", "RUN"]
    assert lines[1][:10] == ["acme", "butler", "every", "15", "min", "30", "s", "ago", "succeeded", "0"]
    assert lines[2] == ["acme", "scout", "every", "15", "min", "never", "-", "-", "held", "back"]
    assert lines[3] == ["acme", "writer", "stopped", "never", "-", "-", "-"]
    assert outcome.err == "acme scout is held back: 3 runs in a row failed.\n"
    assert len(run("agents").out.splitlines()) == 7


def test_agents_as_json_and_with_a_constant_number_of_queries() -> None:
    for _ in range(2):
        make_run(agent_of(make_customer(state="active")), state="failed", exit_code=67, task_arn=task_arn())
    with CaptureQueriesContext(connection) as few:
        listed = run("agents", "--json").json
    assert len(listed) == 6
    last = next(agent["last_run"] for agent in listed if agent["role"] == "butler")
    assert (last["state"], last["exit_code"]) == ("failed", 67)
    assert last["next_action"] == "Ask the customer to connect Gmail again."
    assert [agent["last_run"] for agent in listed if agent["role"] == "scout"] == [None, None]

    for _ in range(5):
        make_run(agent_of(make_customer(state="active")), state="failed", exit_code=67, task_arn=task_arn())
    with CaptureQueriesContext(connection) as many:
        run("agents", "--json")
    assert len(many) == len(few)


def test_agents_says_when_there_are_none_and_when_everything_is_paused(eager: None) -> None:
    assert run("agents").out.startswith("No agents.")
    customer = make_customer(state="active", slug="acme")
    agents_ensure(customer=customer)
    customer_pause(customer=customer, actor=None)
    fleet_pause(actor=None, reason="maintenance")
    outcome = run("agents")
    assert [line.split()[-1] for line in outcome.out.splitlines()[1:]] == ["paused"] * 3
    assert outcome.err == "The fleet is paused: no agent is started.\n"


@pytest.mark.parametrize("command", ["agent_start", "agent_stop", "agent_logs", "agent_describe"])
def test_an_unknown_customer_or_role_is_the_command_lines_fault(command: str) -> None:
    outcome = run(command, "nobody", "butler")
    assert (outcome.code, outcome.err) == (2, "No customer “nobody”. `manage.py customers` lists them.")
    make_customer(slug="acme")
    with pytest.raises(CommandError, match="invalid choice: 'waiter'"):
        call_command(command, "acme", "waiter")
    outcome = run(command, "acme", "butler")
    assert outcome.code == 3
    assert "has no butler (it is pending)" in outcome.err


# -- agent_start ---------------------------------------------------------------------------------------
def test_agent_start_starts_and_refuses_a_second_start(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    make_agent(slug="acme", name="Acme Ltd")
    outcome = run("agent_start", "acme", "butler")
    task = AgentRun.objects.get().task_arn
    assert outcome.code == 0
    assert outcome.out.splitlines()[0] == "Butler of Acme Ltd: starting"
    assert f"  task  {task}" in outcome.out.splitlines()

    outcome = run("agent_start", "acme", "butler")
    assert outcome.code == 1
    assert outcome.err == ("Butler of Acme Ltd is already running.\nWait for its run to end, or stop it first.")


@pytest.mark.parametrize(("program", "code", "state"), [("exit 0", 0, "succeeded"), ("exit 66", 1, "failed")])
def test_agent_start_waits_for_the_end_without_any_worker(
    cluster: Cluster, program: str, code: int, state: str
) -> None:
    cluster.define(program)
    make_agent(slug="acme")
    outcome = run("agent_start", "acme", "butler", "--wait", "--json")
    assert (outcome.code, outcome.json["state"], outcome.json["trigger"]) == (code, state, "staff")


def test_agent_start_says_not_yet_at_its_timeout_and_without_capacity(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    make_agent(slug="acme")
    assert run("agent_start", "acme", "butler", "--wait", "--timeout", "0.1").code == 3
    cluster.world.aws.fargate.without_capacity.update({"FARGATE", "FARGATE_SPOT"})
    outcome = run("agent_start", "acme", "scout")
    assert outcome.code == 3
    assert "ECS has not taken the task yet." in outcome.out


def test_agent_start_waits_until_an_always_on_agent_works(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    make_agent(slug="acme")
    Agent.objects.update(desired_state="always_on")
    outcome = run("agent_start", "acme", "butler", "--wait", "--json")
    assert (outcome.code, outcome.json["state"]) == (0, "running")


def test_an_aws_that_refuses_is_one_line_and_what_to_do(cluster: Cluster) -> None:
    make_agent(slug="acme")
    cluster.ecs.deregister_task_definition(taskDefinition=f"{cluster.prefix}-butler:1")
    outcome = run("agent_start", "acme", "butler")
    assert outcome.code == 1
    assert outcome.err.startswith("ECS refused the task: RunTask: ")
    assert "Apply Terraform" in outcome.err


# -- agent_stop ----------------------------------------------------------------------------------------
def test_agent_stop_stops_and_says_when_nothing_runs(cluster: Cluster) -> None:
    cluster.define("trap 'exit 143' TERM; sleep 30 & wait")
    agent = make_agent(slug="acme", name="Acme Ltd")
    assert run("agent_stop", "acme", "butler").out == "Butler of Acme Ltd is not running.\n"
    started = agent_start(agent=agent, trigger="staff")
    outcome = run("agent_stop", "acme", "butler", "--reason", "looking into it")
    assert outcome.code == 0
    assert "is stopping" in outcome.out
    assert "wanted scheduled, so it will run again" in outcome.out
    assert cluster.run_until(started, AgentRunState.SUCCEEDED).stopped_reason == "looking into it"


# -- agent_logs ----------------------------------------------------------------------------------------
def test_agent_logs_prints_the_last_lines_of_the_newest_or_of_a_named_run(cluster: Cluster) -> None:
    cluster.define("for i in 1 2 3 4 5; do echo line $i; done")
    agent = make_agent(slug="acme")
    first = cluster.run_until(agent_start(agent=agent, trigger="staff"), AgentRunState.SUCCEEDED)
    cluster.define("echo other")
    cluster.run_until(agent_start(agent=agent, trigger="staff"), AgentRunState.SUCCEEDED)

    assert [line[9:] for line in run("agent_logs", "acme", "butler").out.splitlines()] == ["other"]
    outcome = run("agent_logs", "--run", str(first.pk), "--lines", "2")
    assert (outcome.code, [line[9:] for line in outcome.out.splitlines()]) == (0, ["line 4", "line 5"])


def test_agent_logs_follows_to_the_end_of_the_run(cluster: Cluster) -> None:
    cluster.define("echo begun; sleep 2; echo done")
    agent_start(agent=make_agent(slug="acme"), trigger="staff")
    outcome = run("agent_logs", "acme", "butler", "--follow")
    assert (outcome.code, [line[9:] for line in outcome.out.splitlines()]) == (0, ["begun", "done"])
    assert AgentRun.objects.get().state == AgentRunState.SUCCEEDED


def test_ctrl_c_ends_following_quietly(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    import _thread

    cluster.define("echo begun; sleep 60")
    agent_start(agent=make_agent(slug="acme"), trigger="staff")
    timer = threading.Timer(3, _thread.interrupt_main)
    timer.start()
    outcome = run("agent_logs", "acme", "butler", "--follow")
    timer.join()
    assert (outcome.code, outcome.err) == (0, "")
    assert "begun" in outcome.out


def test_agent_logs_says_when_there_is_nothing_yet(cluster: Cluster) -> None:
    agent = make_agent(slug="acme", name="Acme Ltd")
    outcome = run("agent_logs", "acme", "butler")
    assert outcome.code == 3
    assert outcome.err == ("Butler of Acme Ltd never ran. `manage.py agent_start acme butler` starts it.")
    make_run(agent)
    outcome = run("agent_logs", "acme", "butler")
    assert outcome.code == 3
    assert "Butler of Acme Ltd has written nothing in this run (requested)." in outcome.err

    AgentRun.objects.all().delete()
    cluster.run_until(agent_start(agent=agent, trigger="staff"), AgentRunState.SUCCEEDED)
    for words in (["agent_logs", "acme", "butler"], ["agent_logs", "acme", "butler", "--follow"]):
        outcome = run(*words)
        assert (outcome.code, outcome.out) == (3, "")
        assert "has written nothing in this run (succeeded)" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ["agent_logs"],
        ["agent_logs", "acme"],
        ["agent_logs", "--run", "no-uuid"],
        ["agent_logs", "--run", "6f9619ff-8b86-d011-b42d-00c04fc964ff"],
        ["agent_logs", "acme", "butler", "--lines", "0"],
        ["agent_describe"],
    ],
)
def test_a_wrong_command_line_says_what_is_missing(words: list[str]) -> None:
    outcome = run(*words)
    assert outcome.code == 2
    assert outcome.err


# -- agent_describe ------------------------------------------------------------------------------------
def test_agent_describe_says_why_it_stopped_and_what_to_do(cluster: Cluster) -> None:
    cluster.define("exit 67")
    agent = make_agent(slug="acme", name="Acme Ltd")
    started = agent_start(agent=agent, trigger="staff")
    cluster.task_until(started.task_arn, "STOPPED")

    outcome = run("agent_describe", "acme", "butler")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0] == "Butler of Acme Ltd: failed"
    assert lines[2] == "  Google no longer accepts the customer's refresh token. (exit code 67)"
    assert lines[3] == "  Ask the customer to connect Gmail again."
    assert any(line.split() == ["exit", "code", "67"] for line in lines)
    assert any(line.split()[:2] == ["definition", f"{cluster.prefix}-butler:2"] for line in lines)

    as_json = run("agent_describe", "--run", str(started.pk), "--json")
    assert (as_json.code, as_json.json["stop_code"], as_json.json["exit_code"]) == (1, "EssentialContainerExited", 67)
    assert run("agent_describe", "--run", str(started.pk)).out.splitlines()[:4] == lines[:4]


def test_agent_describe_shows_what_was_last_known_when_ecs_does_not_answer(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent(slug="acme")
    make_run(Agent.objects.get(role="butler"), state="running", task_arn=task_arn())
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
        reset_clients()
        outcome = run("agent_describe", "acme", "butler")
    reset_clients()
    assert outcome.code == 0
    assert outcome.err.startswith("ECS could not be asked, this is what was last known: ")
    assert "The agent is working." in outcome.out


def test_agent_describe_shows_what_a_run_used_and_what_was_refused() -> None:
    customer = make_customer_with_schema(slug="acme")
    ran = make_run(agent_of(customer, "scout"), task_arn=task_arn())
    spend(customer, 46_500, run=ran)
    tell(ran, "engine_ran", seconds=20, peak_rss_mib=655)
    for tool in ("send_mail", "exec"):
        tell(ran, "tool_refused", tool=tool)
    at = timezone.now()
    run_record(info=stopped(ran.task_arn, 0, started_at=at - timedelta(seconds=83), stopped_at=at))

    facts = dict(line.strip().split("  ", 1) for line in run("agent_describe", "acme", "scout").out.splitlines()[4:])
    assert facts["used"].strip() == "1 min 23 s; 1,000 tokens in, 200 out; cache: 5,000 read, 700 written; 0.0465 USD"
    assert facts["engine"].strip() == "20 s, 655 MiB at its peak"
    assert facts["tools refused"].strip() == "2"
    told = run("agent_describe", "acme", "scout", "--json").json
    assert (told["cost_micro_usd"], told["engine_peak_mib"], told["tool_refusals"]) == (46_500, 655, 2)


def test_agent_describe_says_that_an_agent_waits_for_its_budget() -> None:
    agent = agent_of(make_customer(state="active", slug="acme"))
    make_run(agent, state="failed", exit_code=77)
    until = datetime(2099, 1, 1, 0, 4, tzinfo=UTC)
    Agent.objects.filter(pk=agent.pk).update(spent_budget_cents=5_000, next_run_at=until)
    out = run("agent_describe", "acme", "butler").out
    assert "The customer's budget for the model is spent." in out
    assert "The model budget for December is spent (50.00 USD). It runs again by itself on 1 January" in out


def test_agent_describe_of_a_run_on_its_way_says_not_yet() -> None:
    make_run(agent_of(make_customer(slug="acme", state="active")))
    assert run("agent_describe", "acme", "butler").code == 3
