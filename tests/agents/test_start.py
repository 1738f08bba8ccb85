"""Starting: one run and one task, whatever happens between claim, call and record."""

import threading
from typing import Any

import pytest
from django.db import connections

from agents.errors import AgentsPaused, AlreadyRunning, BreakerOpen, NotRunnable, StartFailed
from agents.models import AgentRun, AgentRunState
from agents.selectors import explain
from agents.services import agent_runs_reconcile, agent_start, fleet_pause, fleet_resume, run_launch
from agents.services import launch as launching
from agents.tasks import agent_runs_reconcile as reconcile_task
from openclaw_site.aws import ecs
from openclaw_site.aws.clients import reset_clients
from tenants.isolation.context import enter_platform
from tenants.models import Customer, CustomerState
from tenants.services import customer_canary_set, customer_pause
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_agent, make_run, set_age
from tests.aws.faults import FaultyAws, closed_port
from tests.factories import make_customer, make_staff

CAPACITY = "Capacity is unavailable at this time. Please try again later or in a different availability zone"


def test_a_start_gives_the_customers_role_names_and_tags_to_one_spot_task(cluster: Cluster) -> None:
    agent, staff = make_agent("scout"), make_staff()
    customer = agent.tenant

    run = agent_start(agent=agent, trigger="staff", actor=staff)

    assert (run.state, run.trigger, run.requested_by, run.attempt) == (AgentRunState.STARTING, "staff", staff, 1)
    assert run.task_definition_arn.endswith(f"{cluster.prefix}-scout:1")
    assert (run.capacity_provider, run.cpu, run.memory_mib) == ("FARGATE_SPOT", 256, 512)
    described = cluster.ecs.describe_tasks(cluster=cluster.name, tasks=[run.task_arn], include=["TAGS"])["tasks"][0]
    override = next(item for item in described["overrides"]["containerOverrides"] if item["name"] == "openclaw-scout")
    name = customer.database_role
    assert described["overrides"]["taskRoleArn"] == f"arn:aws:iam::123456789012:role/openclaw/tenants/{name}"
    assert {item["name"]: item["value"] for item in override["environment"]} == {
        "TENANT_ID": customer.id.hex,
        "CUSTOMER_EMAIL": customer.email,
        "AGENT_ROLE": "scout",
        "AGENT_RUN_ID": str(run.id),
        "AGENT_MODE": "once",
        "TENANT_SCHEMA": name,
        "DATABASE_USER": name,
        "GMAIL_SECRET_NAME": f"/openclaw/{customer.id.hex}/gmail-oauth",
        "STORAGE_PREFIX": f"{customer.id.hex}/",
        "MODEL_BUDGET_MICRO_USD": "50000000",  # 50 USD: the plan Team's.
    }
    assert {item["key"]: item["value"] for item in described["tags"]} == {
        "TenantID": customer.id.hex,
        "AgentRole": "scout",
        "AgentRun": str(run.id),
    }


def test_canaries_run_the_newest_task_definition_and_others_the_one_that_is_set(
    cluster: Cluster, settings: Any
) -> None:
    cluster.define("exit 0")  # Revision 2 of each role.
    settings.ECS_TASK_DEFINITION_REVISIONS = {"scout": "1"}
    canary, other, free = make_agent("scout"), make_agent("scout"), make_agent("writer")
    customer_canary_set(customer=canary.tenant, is_canary=True, actor=make_staff())
    revisions = [
        agent_start(agent=agent, trigger="staff").task_definition_arn.rpartition(":")[2]
        for agent in (canary, other, free)
    ]
    assert revisions == ["2", "1", "2"]


def test_a_second_start_is_refused_while_the_first_runs_and_allowed_after(cluster: Cluster) -> None:
    agent = make_agent()
    first = agent_start(agent=agent, trigger="staff")
    with pytest.raises(AlreadyRunning) as refused:
        agent_start(agent=agent, trigger="staff")
    assert "already running" in str(refused.value)
    assert refused.value.next_action == "Wait for its run to end, or stop it first."
    assert len(cluster.tasks()) == 1

    cluster.run_until(first, AgentRunState.SUCCEEDED)
    assert agent_start(agent=agent, trigger="staff").pk != first.pk


def test_of_starts_at_the_same_moment_one_wins(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    agent = make_agent()
    together, outcomes = threading.Barrier(4), []

    def start() -> None:
        with enter_platform():
            together.wait()
            try:
                outcomes.append(agent_start(agent=agent, trigger="staff").state)
            except AlreadyRunning:
                outcomes.append("refused")
            finally:
                connections["default"].close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "starting"]
    assert AgentRun.objects.count() == len(cluster.tasks()) == 1


def test_killed_before_the_call_the_reconcile_starts_the_task(cluster: Cluster) -> None:
    run = make_run(make_agent())
    agent_runs_reconcile()
    assert cluster.tasks() == []  # Young: whoever claimed it may still be about to call.

    set_age(run, 90)
    reconcile_task()
    reconcile_task()
    run.refresh_from_db()
    assert [info.arn for info in cluster.tasks()] == [run.task_arn]


def test_killed_between_call_and_record_the_same_task_is_found_again(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    run = make_run(make_agent())
    started = ecs.run_task(launching.task_spec(run))

    assert run_launch(run=run).task_arn == started.arn
    assert run_launch(run=run).task_arn == started.arn
    assert len(cluster.tasks()) == 1


def test_killed_between_call_and_record_the_reconcile_adopts_the_task_by_its_tag(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    run = make_run(make_agent())
    started = ecs.run_task(launching.task_spec(run))

    agent_runs_reconcile()
    agent_runs_reconcile()
    run.refresh_from_db()
    assert run.task_arn == started.arn
    assert len(cluster.tasks()) == 1


def test_a_token_that_was_used_with_other_parameters_adopts_its_task(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    run = make_run(make_agent())
    started = ecs.run_task(launching.task_spec(run))
    Customer.objects.filter(pk=run.tenant_id).update(email="new.address@example.com")

    assert run_launch(run=run).task_arn == started.arn
    assert len(cluster.tasks()) == 1


def test_without_spot_the_same_run_takes_on_demand(cluster: Cluster) -> None:
    cluster.world.aws.fargate.without_capacity.add("FARGATE_SPOT")
    run = agent_start(agent=make_agent(), trigger="staff")
    assert (run.attempt, run.capacity_provider, run.state) == (2, "FARGATE", AgentRunState.STARTING)
    assert AgentRun.objects.count() == len(cluster.tasks()) == 1
    assert cluster.run_until(run, AgentRunState.SUCCEEDED).stopped_reason == "Essential container in task exited"


def test_without_any_capacity_the_run_waits_and_then_asks_for_spot_again(cluster: Cluster) -> None:
    lack = cluster.world.aws.fargate.without_capacity
    lack.update({"FARGATE_SPOT", "FARGATE"})
    run = agent_start(agent=make_agent(), trigger="staff")
    assert (run.state, run.task_arn, run.attempt) == (AgentRunState.REQUESTED, "", 3)
    assert "Capacity is unavailable" in run.stopped_reason
    assert "ECS has not taken the task yet" in explain(run).cause

    lack.clear()
    set_age(run, 90)
    agent_runs_reconcile()
    run.refresh_from_db()
    assert (run.state, run.capacity_provider, run.stopped_reason) == (AgentRunState.STARTING, "FARGATE_SPOT", "")


def test_a_run_that_ecs_does_not_take_for_ten_minutes_fails_with_the_reason(cluster: Cluster) -> None:
    cluster.world.aws.fargate.without_capacity.update({"FARGATE_SPOT", "FARGATE"})
    run = agent_start(agent=make_agent(), trigger="staff")
    set_age(run, 601)
    agent_runs_reconcile()
    agent_runs_reconcile()
    run = AgentRun.objects.select_related("agent", "tenant").get(pk=run.pk)
    assert (run.state, run.stop_code, run.agent.consecutive_failures) == (AgentRunState.FAILED, "TaskNotTaken", 1)
    assert "Capacity is unavailable" in run.stopped_reason


@pytest.fixture
def faulty(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Any:
    """AWS answers what the test says, from the first ECS call on."""
    launching._own_identity()
    with FaultyAws() as faulty:
        monkeypatch.setenv("AWS_ENDPOINT_URL", faulty.url)
        reset_clients()
        yield faulty
    monkeypatch.undo()
    reset_clients()


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 400), ("ServerException", 500), ("ServiceUnavailableException", 503)]
)
def test_what_passes_leaves_the_run_to_be_asked_for_again(faulty: FaultyAws, code: str, status: int) -> None:
    agent = agent_of(make_customer(state=CustomerState.ACTIVE))
    faulty.fail(code, "Rate exceeded" if status == 400 else "try later", status=status)
    run = agent_start(agent=agent, trigger="staff")
    assert (run.state, run.task_arn, run.attempt) == (AgentRunState.REQUESTED, "", 1)
    assert run.stopped_reason.startswith("RunTask: ")


def test_an_unreachable_aws_leaves_the_run_to_be_asked_for_again(faulty: FaultyAws, monkeypatch: Any) -> None:
    agent = agent_of(make_customer(state=CustomerState.ACTIVE))
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed_port()}")
    reset_clients()
    assert agent_start(agent=agent, trigger="staff").state == AgentRunState.REQUESTED


@pytest.mark.parametrize(
    ("code", "message", "kind", "action"),
    [
        ("AccessDeniedException", "not authorized to perform: ecs:RunTask", "AccessDenied", "permission"),
        ("ClusterNotFoundException", "Cluster not found.", "ClusterMissing", "ECS_CLUSTER"),
        ("ClientException", "TaskDefinition not found.", "TaskDefinitionMissing", "ECS_TASK_DEFINITION_PREFIX"),
        ("InvalidParameterException", "Subnet is wrong", "InvalidRequest", "correct what it names"),
    ],
)
def test_what_does_not_pass_fails_the_run_and_says_what_to_do(
    faulty: FaultyAws, code: str, message: str, kind: str, action: str
) -> None:
    agent = agent_of(make_customer(state=CustomerState.ACTIVE))
    faulty.fail(code, message)
    with pytest.raises(StartFailed) as refused:
        agent_start(agent=agent, trigger="staff")
    assert message in str(refused.value)
    assert action in refused.value.next_action
    run = AgentRun.objects.select_related("agent", "tenant").get()
    assert (run.state, run.stop_code, run.agent.consecutive_failures) == (AgentRunState.FAILED, kind, 1)
    assert run.stopped_at is not None
    explanation = explain(run)
    assert message in explanation.cause
    assert action in explanation.next_action
    assert explanation.passing is False


def test_refusals_in_an_answer_without_a_task_count_as_well(faulty: FaultyAws) -> None:
    agent = agent_of(make_customer(state=CustomerState.ACTIVE))
    faulty.answer(200, {"tasks": [], "failures": [{"reason": CAPACITY}]})
    run = agent_start(agent=agent, trigger="staff")
    assert (run.state, run.attempt) == (AgentRunState.REQUESTED, 3)
    assert [b"FARGATE_SPOT" in body for body in faulty.requests] == [True, False]


@pytest.mark.parametrize(
    ("state", "trigger", "allowed"),
    [
        ("pending", "onboarding", True),
        ("awaiting_gmail", "onboarding", True),
        ("provisioning", "onboarding", True),
        ("provisioning", "staff", True),
        ("provisioning", "schedule", False),
        ("degraded", "schedule", True),
        ("offboarding", "staff", False),
        ("closed", "onboarding", False),
        ("awaiting_gmail", "staff", False),
    ],
)
def test_the_customers_state_decides_who_may_start(cluster: Cluster, state: str, trigger: str, allowed: bool) -> None:
    agent = make_agent(state=state)
    if allowed:
        assert agent_start(agent=agent, trigger=trigger).task_arn
        return
    with pytest.raises(NotRunnable):
        agent_start(agent=agent, trigger=trigger)
    assert AgentRun.objects.count() == 0


def test_nothing_starts_while_the_customer_or_the_fleet_is_paused(cluster: Cluster, eager: None) -> None:
    agent, other = make_agent(), make_agent()
    customer_pause(customer=agent.tenant, actor=None)
    with pytest.raises(AgentsPaused, match="is paused"):
        agent_start(agent=agent, trigger="staff")
    fleet_pause(actor=None, reason="maintenance")
    with pytest.raises(AgentsPaused, match="Every agent is paused"):
        agent_start(agent=other, trigger="staff")
    fleet_resume(actor=None)
    assert agent_start(agent=other, trigger="staff").task_arn


def test_an_open_breaker_holds_back_the_schedule_and_a_start_by_staff_closes_it(cluster: Cluster) -> None:
    agent = make_agent()
    agent.consecutive_failures, agent.breaker_reason = 3, "3 runs in a row failed."
    agent.save()
    with pytest.raises(BreakerOpen):
        agent_start(agent=agent, trigger="schedule")
    agent_start(agent=agent, trigger="staff")
    agent.refresh_from_db()
    assert (agent.consecutive_failures, agent.breaker_reason) == (0, "")
