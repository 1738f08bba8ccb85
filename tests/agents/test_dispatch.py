"""The dispatcher: what is due is started once, what a pause forbids is stopped, at a pace that ECS allows."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Agent, AgentRun, AgentRunState, Fleet
from agents.plans import plan_terms
from agents.selectors import agents_due
from agents.services import agent_runs_reconcile, agents_dispatch, fleet_pause, fleet_resume, launches
from agents.services.bucket import TokenBucket
from agents.services.claim import runs_claim
from agents.services.dispatch import CLAIM
from agents.services.launch import _own_identity, task_spec
from agents.services.stop import run_stop
from agents.tasks import agents_dispatch as dispatch_task
from openclaw_site.aws import ecs
from openclaw_site.aws.clients import reset_clients
from tenants.isolation.context import enter_platform
from tenants.models import Customer
from tenants.services import customer_pause, customer_resume
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_agent, make_run, set_age
from tests.aws.faults import FaultyAws
from tests.factories import make_customer, make_staff


def wish(agent: Agent, **fields: Any) -> Agent:
    """Only this agent of its customer is wanted, and so."""
    Agent.objects.filter(tenant=agent.tenant).update(desired_state="stopped")
    Agent.objects.filter(pk=agent.pk).update(
        **{"desired_state": "scheduled", "next_run_at": timezone.now() - timedelta(seconds=1), **fields}
    )
    return agent


@pytest.mark.parametrize(
    ("agent", "customer", "due"),
    [
        ({}, {}, True),
        ({"next_run_at": None}, {}, True),
        ({"desired_state": "always_on"}, {}, True),
        ({}, {"state": "degraded"}, True),
        ({"next_run_at": timezone.now() + timedelta(days=1)}, {}, False),
        ({"desired_state": "stopped"}, {}, False),
        ({"breaker_reason": "3 runs in a row failed."}, {}, False),
        ({}, {"state": "provisioning"}, False),
        ({}, {"state": "offboarding"}, False),
        ({}, {"state": "paused", "paused_at": timezone.now()}, False),
        ({}, {"state": "active", "paused_at": timezone.now()}, False),
    ],
)
def test_what_is_due(agent: dict[str, Any], customer: dict[str, Any], due: bool) -> None:
    only = wish(agent_of(make_customer(**{"state": "active", **customer})), **agent)
    assert list(agents_due(now=timezone.now())) == ([only] if due else [])


@pytest.mark.parametrize(("state", "due"), [("requested", False), ("running", False), ("succeeded", True)])
def test_an_agent_with_an_open_run_is_not_due(state: str, due: bool) -> None:
    agent = wish(agent_of(make_customer(state="active")))
    make_run(agent, state=state)
    assert agents_due(now=timezone.now()).exists() is due


def test_who_waited_longest_comes_first() -> None:
    agents = [wish(agent_of(make_customer(state="active"))) for _ in range(3)]
    now = timezone.now()
    for agent, minutes in zip(agents, (2, 9, 5), strict=True):
        Agent.objects.filter(pk=agent.pk).update(next_run_at=now - timedelta(minutes=minutes))
    assert list(agents_due(now=now)) == [agents[1], agents[2], agents[0]]


def test_due_agents_are_started_once_and_their_next_time_is_an_interval_later(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    scheduled, always_on = wish(make_agent()), wish(make_agent(), desired_state="always_on")
    dispatch_task()
    dispatch_task()
    assert {(run.agent_id, run.trigger) for run in AgentRun.objects.all()} == {
        (scheduled.pk, "schedule"), (always_on.pk, "always_on"),
    }  # fmt: skip
    assert len(cluster.tasks()) == 2
    scheduled.refresh_from_db()
    assert scheduled.next_run_at is not None
    assert 13.4 * 60 < (scheduled.next_run_at - timezone.now()).total_seconds() < 16.5 * 60


def test_one_agent_that_is_refused_does_not_hold_up_the_others(cluster: Cluster) -> None:
    first, second = wish(make_agent("scout")), wish(make_agent())
    Agent.objects.filter(pk=first.pk).update(next_run_at=None)
    cluster.ecs.deregister_task_definition(taskDefinition=f"{cluster.prefix}-scout:1")

    done = agents_dispatch()
    assert (done.started, done.refused) == (1, 1)
    assert dict(AgentRun.objects.values_list("agent_id", "state")) == {
        first.pk: AgentRunState.FAILED, second.pk: AgentRunState.STARTING,
    }  # fmt: skip


def test_a_paused_customers_runs_are_stopped_and_others_go_on(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    mine, other = wish(make_agent()), wish(make_agent())
    agents_dispatch()
    customer_pause(customer=mine.tenant, actor=None)
    assert agents_dispatch().stopped == 1
    assert agents_dispatch().stopped == 0
    run = AgentRun.objects.get(agent=mine)
    assert cluster.run_until(run, AgentRunState.SUCCEEDED).stopped_reason == "paused"
    assert cluster.run_until(AgentRun.objects.get(agent=other), AgentRunState.RUNNING)

    Agent.objects.filter(pk=mine.pk).update(next_run_at=None)
    assert agents_dispatch().started == 0
    customer_resume(customer=mine.tenant, actor=None)
    mine.tenant.refresh_from_db()
    started = agents_dispatch().started
    assert started == (1 if mine.tenant.state == "active" else 0)


def test_pausing_everything_stops_all_runs_and_resuming_starts_them_again(cluster: Cluster, eager: None) -> None:
    cluster.define("sleep 30")
    staff = make_staff()
    agents = [wish(make_agent()) for _ in range(2)]
    agents_dispatch()

    fleet = fleet_pause(actor=staff, reason=" maintenance ")
    assert (fleet.paused_by, fleet.reason) == (staff, "maintenance")
    assert fleet_pause(actor=None, reason="another").reason == "maintenance"
    for run in AgentRun.objects.all():
        cluster.run_until(run, AgentRunState.SUCCEEDED)
    Agent.objects.filter(pk__in=[agent.pk for agent in agents]).update(next_run_at=None)
    assert agents_dispatch().started == 0

    fleet_resume(actor=staff)
    fleet_resume(actor=staff)
    assert Fleet.objects.get().paused_at is None
    assert AgentRun.objects.filter(state=AgentRunState.STARTING).count() == 2


def test_without_a_broker_the_fleet_is_paused_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from kombu.exceptions import OperationalError

    from agents import tasks

    def refuse(*args: object, **options: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.agents_dispatch, "apply_async", refuse)
    assert fleet_pause(actor=None, reason="maintenance").paused_at is not None


def test_no_more_runs_are_open_than_the_fleet_has_room_for(cluster: Cluster, settings: Any) -> None:
    cluster.define("sleep 30")
    settings.AGENT_MAX_RUNNING = 2
    for _ in range(3):
        wish(make_agent())
    assert agents_dispatch().started == 2
    assert agents_dispatch().started == 0
    run = AgentRun.objects.order_by("requested_at")[0]
    run_stop(run=run, reason="room for another")
    cluster.run_until(run, AgentRunState.SUCCEEDED)
    assert agents_dispatch().started == 1


def in_two_threads(work: Callable[[], Any]) -> list[Any]:
    """What the work gives in two threads that begin together, each with a connection of its own."""
    together = threading.Barrier(2)

    def act(_: int) -> Any:
        try:
            with enter_platform():
                together.wait()
                return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(act, range(2)))


def test_two_dispatchers_start_every_agent_once_and_keep_to_the_room(cluster: Cluster, settings: Any) -> None:
    cluster.define("sleep 30")
    settings.AGENT_MAX_RUNNING = 5
    agents = [wish(make_agent()) for _ in range(8)]
    done = in_two_threads(agents_dispatch)
    assert sum(one.started for one in done) == 5
    assert len(cluster.tasks()) == AgentRun.objects.exclude(task_arn="").count() == 5
    settings.AGENT_MAX_RUNNING = 50
    in_two_threads(agents_dispatch)
    assert sorted(AgentRun.objects.values_list("agent_id", flat=True)) == sorted(agent.pk for agent in agents)


def test_a_lot_is_claimed_by_one_of_two() -> None:
    agents = [wish(agent_of(make_customer(state="active"))) for _ in range(6)]
    found = Agent.objects.select_related("tenant").filter(pk__in=[agent.pk for agent in agents])
    claims = in_two_threads(lambda: runs_claim(agents=list(found), terms=plan_terms()).runs)
    assert sorted(len(runs) for runs in claims) == [0, 6]
    assert AgentRun.objects.filter(state=AgentRunState.REQUESTED, model_budget_cents=5_000).count() == 6


@pytest.mark.parametrize("change", ["pause", "breaker", "start", "plan"])
def test_what_changed_since_the_look_is_not_claimed(change: str) -> None:
    changed, other = wish(agent_of(make_customer(state="active"))), wish(agent_of(make_customer(state="active")))
    agents = list(agents_due(now=timezone.now()))
    if change == "pause":
        customer_pause(customer=changed.tenant, actor=None)
    elif change == "breaker":
        Agent.objects.filter(pk=changed.pk).update(breaker_reason="3 runs in a row failed.")
    elif change == "start":
        make_run(changed, state="running")
    else:
        Customer.objects.filter(pk=changed.tenant_id).update(plan="no-such-plan")
    claimed = runs_claim(agents=agents, terms=plan_terms())
    assert [run.agent_id for run in claimed.runs] == [other.pk]


def test_nothing_is_claimed_once_the_fleet_is_paused() -> None:
    wish(agent_of(make_customer(state="active")))
    agents = list(agents_due(now=timezone.now()))
    fleet_pause(actor=None, reason="maintenance")
    assert runs_claim(agents=agents, terms=plan_terms()).runs == []


def test_killed_between_claim_and_call_the_reconcile_starts_what_was_claimed(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    for _ in range(3):
        wish(make_agent())
    runs = runs_claim(agents=list(agents_due(now=timezone.now())), terms=plan_terms()).runs
    ecs.run_task(task_spec(runs[0]))  # This one was even asked for.
    for run in runs:
        set_age(run, 90)
    agent_runs_reconcile()
    agent_runs_reconcile()
    assert len(cluster.tasks()) == AgentRun.objects.exclude(task_arn="").count() == 3


def test_a_round_that_breaks_off_loses_no_task(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.define("sleep 30")
    for _ in range(4):
        wish(make_agent())

    def break_off(**_: Any) -> bool:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(launches, "answer_record", break_off)
        agents_dispatch()
    assert AgentRun.objects.filter(state=AgentRunState.REQUESTED, task_arn="").count() == 4
    for run in AgentRun.objects.all():
        set_age(run, 90)
    agent_runs_reconcile()
    agent_runs_reconcile()
    assert len(cluster.tasks()) == AgentRun.objects.exclude(task_arn="").count() == 4


def test_without_spot_a_whole_lot_takes_on_demand(cluster: Cluster) -> None:
    cluster.world.aws.fargate.without_capacity.add("FARGATE_SPOT")
    for _ in range(12):
        wish(make_agent())
    assert agents_dispatch().started == 12
    assert set(AgentRun.objects.values_list("attempt", "capacity_provider")) == {(2, "FARGATE")}


def test_a_run_stopped_while_ecs_was_asked_is_stopped(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.define("sleep 30")
    wish(make_agent())
    record = launches.answer_record

    def stop_first(*, run: AgentRun, answer: Any) -> bool:
        run_stop(run=AgentRun.objects.get(), reason="not wanted any more")
        return record(run=run, answer=answer)

    monkeypatch.setattr(launches, "answer_record", stop_first)
    agents_dispatch()
    run = cluster.run_until(AgentRun.objects.get(), AgentRunState.SUCCEEDED)
    assert (run.stop_code, len(cluster.tasks())) == ("UserInitiated", 1)


def test_a_start_costs_few_statements(cluster: Cluster) -> None:
    for _ in range(16):
        wish(make_agent())
    with CaptureQueriesContext(connection) as captured:
        assert agents_dispatch().started == 16
    assert len(captured) / 16 < 2.5


def test_when_aws_asks_for_a_pause_the_round_ends(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    _own_identity()
    for _ in range(CLAIM + 4):
        wish(agent_of(make_customer(state="active")))
    with FaultyAws() as faulty, monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", faulty.url)
        reset_clients()
        faulty.fail("ThrottlingException", "Rate exceeded", status=400)
        agents_dispatch()
    reset_clients()
    runs = AgentRun.objects.all()
    assert {(run.state, run.task_arn, run.attempt) for run in runs} == {(AgentRunState.REQUESTED, "", 1)}
    assert runs.count() == CLAIM  # The others were not claimed: they are due still.


def test_a_round_ends_in_its_time() -> None:
    wish(agent_of(make_customer(state="active")))
    assert agents_dispatch(round_seconds=0).started == 0
    assert AgentRun.objects.count() == 0


def test_the_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    clock = [0.0]
    bucket = TokenBucket(rate_per_second=10, burst=3, clock=lambda: clock[0])
    assert [bucket.wait_seconds() for _ in range(3)] == [0, 0, 0]
    assert bucket.wait_seconds() == pytest.approx(0.1)
    clock[0] += 0.1
    assert bucket.wait_seconds() == pytest.approx(0.1)
    clock[0] += 60
    assert [bucket.wait_seconds() for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])
    clock[0] += 60
    assert [bucket.within(seconds) for seconds in (-1, 0, 0.1, 2)] == [0, 0, 4, 23]
    assert bucket.wait_seconds() == 0  # Asking took nothing.
