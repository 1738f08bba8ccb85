"""After a run: its figures stand on it, and Writer is called when Scout left something to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.services import agent_runs_reconcile, agent_start, followup, run_measure, run_record
from agents.services.followup import runs_measure_open
from agents.words import in_short
from agents.workspace.models import Draft, InboxMessage, Lead
from tenants.models import Customer
from tenants.onboarding.steps.iam_role import IamRoleStep
from tests.agents.cluster import Cluster
from tests.agents.factories import agent_of, make_run, stopped, task_arn
from tests.agents.workspaces import make_customer_with_schema, spend, tell, write
from tests.factories import make_customer

FIGURES = (
    "model_calls", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_micro_usd",
    "engine_seconds", "engine_peak_mib", "tool_refusals",
)  # fmt: skip


def figures(run: AgentRun) -> list[Any]:
    run.refresh_from_db()
    return [getattr(run, name) for name in FIGURES]


def open_run(customer: Customer, role: str = "scout") -> AgentRun:
    return make_run(agent_of(customer, role), task_arn=task_arn())


def end(run: AgentRun, exit_code: int = 0) -> AgentRun:
    run_record(info=stopped(run.task_arn, exit_code))
    return run


def test_an_ended_run_has_what_all_its_ticks_used_and_nothing_of_others() -> None:
    customer = make_customer_with_schema()
    run, other = open_run(customer), open_run(customer, "butler")
    for cost in (4_000, 2_500):
        spend(customer, cost, run=run)
    spend(customer, 900_000, run=other)
    tell(run, "engine_ran", seconds=8.6, peak_rss_mib=612, tool_calls=4, tool_failures=0)
    tell(run, "engine_ran", seconds=11.1, peak_rss_mib=655, tool_calls=2, tool_failures=1)
    tell(run, "tool_refused", tool="send_mail")
    tell(run, "tool_refused", tool="exec", times=3)
    tell(other, "engine_ran", seconds=90, peak_rss_mib=990)
    end(run)
    assert figures(run) == [4, 2_000, 400, 10_000, 1_400, 6_500, 20, 655, 4]
    measured_at = run.measured_at
    assert measured_at is not None
    end(run)
    agent_runs_reconcile()
    assert figures(run) == [4, 2_000, 400, 10_000, 1_400, 6_500, 20, 655, 4]
    assert (run.measured_at, other.measured_at) == (measured_at, None)
    assert (run.model, other.model) == ("claude-haiku-4-5", "")


def test_an_open_run_can_be_measured_as_far_as_it_is() -> None:
    customer = make_customer_with_schema()
    run = open_run(customer)
    spend(customer, 1_000, run=run)
    assert run_measure(run=run).cost_micro_usd == 1_000
    spend(customer, 1_000, run=run)
    end(run)
    assert figures(run)[5] == 2_000


@pytest.mark.parametrize("data", [{}, {"seconds": "long", "peak_rss_mib": -3}, {"seconds": 1e300}, {"seconds": True}])
def test_figures_that_are_none_count_for_nothing(data: dict[str, Any]) -> None:
    run = open_run(make_customer_with_schema())
    tell(run, "engine_ran", **data)
    tell(run, "engine_ran", seconds=3, peak_rss_mib=600)
    assert figures(end(run))[6:8] == [3, 600]


def test_what_a_crash_left_unmeasured_the_reconcile_measures() -> None:
    customer = make_customer_with_schema()
    run = make_run(agent_of(customer), state="succeeded", stopped_at=timezone.now())
    old = make_run(agent_of(customer), state="succeeded", stopped_at=timezone.now() - timedelta(days=2))
    spend(customer, 7_000, run=run)
    agent_runs_reconcile()
    assert figures(run)[5] == 7_000
    old.refresh_from_db()
    assert old.measured_at is None  # Its trouble is older than a day.


def test_without_a_schema_a_run_ends_all_the_same() -> None:
    run = end(open_run(make_customer(state="active")))
    assert (figures(run)[5], run.state) == (0, "succeeded")
    assert run.measured_at is not None  # Not tried again.


def waiting_lead(customer: Customer) -> Lead:
    """A lead that Scout has just found."""
    write(customer, InboxMessage, gmail_id="m1", thread_id="t1", received_at=timezone.now())
    lead: Lead = write(customer, Lead, email="mia@new.example", evidence_message_id="m1")
    return lead


def writer(customer: Customer, **fields: Any) -> Agent:
    """The customer's Writer, due in ten minutes unless it is said otherwise."""
    agent = agent_of(customer, "writer")
    later = timezone.now() + timedelta(minutes=10)
    Agent.objects.filter(pk=agent.pk).update(**{"next_run_at": later, **fields})
    agent.refresh_from_db()
    return agent


def is_due(agent: Agent) -> bool:
    agent.refresh_from_db()
    return agent.next_run_at is not None and agent.next_run_at <= timezone.now()


def test_writer_is_due_at_once_when_scout_left_a_lead() -> None:
    customer = make_customer_with_schema()
    agent = writer(customer)
    waiting_lead(customer)
    end(open_run(customer))
    assert is_due(agent)


@pytest.mark.parametrize(
    ("role", "exit_code", "fields"),
    [
        ("butler", 0, {}),
        ("scout", 72, {}),
        ("scout", 0, {"desired_state": "stopped"}),
        ("scout", 0, {"desired_state": "always_on"}),
        ("scout", 0, {"spent_budget_cents": 5_000}),
    ],
)
def test_writer_keeps_its_time_otherwise(role: str, exit_code: int, fields: dict[str, Any]) -> None:
    customer = make_customer_with_schema()
    agent = writer(customer, **fields)
    waiting_lead(customer)
    end(open_run(customer, role), exit_code)
    assert not is_due(agent)


def test_writer_is_not_called_to_leads_that_have_their_draft() -> None:
    customer = make_customer_with_schema()
    agent = writer(customer)
    write(customer, Draft, lead=waiting_lead(customer), gmail_thread_id="t1")
    end(open_run(customer))
    assert not is_due(agent)


@contextmanager
def unreadable(customer: Customer, table: str, role: str) -> Iterator[None]:
    """Meanwhile our own roles may not read this table of the customer's: trouble that passes."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"REVOKE SELECT ON {customer.schema_name}.{table} FROM {role}")  # noqa: S608
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"GRANT SELECT ON {customer.schema_name}.{table} TO {role}")


def test_a_call_of_writer_that_failed_is_made_by_the_next_round() -> None:
    customer = make_customer_with_schema()
    agent = writer(customer)
    waiting_lead(customer)
    with unreadable(customer, "leads", "openclaw_tenant"):
        run = end(open_run(customer))
    assert not is_due(agent)
    run.refresh_from_db()
    assert (run.state, run.measured_at) == ("succeeded", None)
    agent_runs_reconcile()
    assert is_due(agent)
    run.refresh_from_db()
    assert run.measured_at is not None


def test_figures_that_could_not_be_read_are_read_by_the_next_round() -> None:
    customer = make_customer_with_schema()
    run = open_run(customer)
    spend(customer, 3_000, run=run)
    with unreadable(customer, "model_usage", "openclaw_platform"):
        end(run)
    run.refresh_from_db()
    assert run.measured_at is None
    agent_runs_reconcile()
    assert figures(run)[5] == 3_000


def test_who_took_a_run_for_an_open_one_does_not_write_over_its_last_figures() -> None:
    customer = make_customer_with_schema()
    run = open_run(customer)
    taken_for_open = AgentRun.objects.get(pk=run.pk)
    spend(customer, 3_000, run=run)
    end(run)
    run.refresh_from_db()
    last = run.measured_at
    run_measure(run=taken_for_open)
    run.refresh_from_db()
    assert (run.measured_at, run.cost_micro_usd) == (last, 3_000)


def test_the_reconcile_measures_a_run_that_goes_on(cluster: Cluster) -> None:
    cluster.define("sleep 30")
    customer = make_customer_with_schema()
    IamRoleStep().apply(customer)
    run = agent_start(agent=agent_of(customer), trigger="always_on")
    run = cluster.run_until(run, "running")
    spend(customer, 3_000, run=run)
    agent_runs_reconcile()
    assert figures(run)[5] == 0  # It has just begun.
    AgentRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(minutes=6))
    agent_runs_reconcile()
    assert figures(run)[5] == 3_000
    assert in_short(run).endswith("1,000 tokens in, 200 out; cache: 5,000 read, 700 written; 0.0030 USD")
    spend(customer, 1_000, run=run)
    agent_runs_reconcile()
    assert figures(run)[5] == 3_000  # Its figures are of this minute.
    AgentRun.objects.filter(pk=run.pk).update(measured_at=timezone.now() - timedelta(minutes=6))
    agent_runs_reconcile()
    assert figures(run)[5] == 4_000


def test_many_runs_that_go_on_take_turns_and_ones_trouble_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followup, "MOST_OPEN_A_ROUND", 2)
    customers = [make_customer_with_schema() for _ in range(3)]
    for hours, customer in zip((3, 2, 1), customers, strict=True):
        make_run(agent_of(customer), state="running", started_at=timezone.now() - timedelta(hours=hours))
    with unreadable(customers[0], "model_usage", "openclaw_platform"):
        assert [runs_measure_open() for _ in range(3)] == [2, 2, 1]
    assert AgentRun.objects.exclude(measured_at=None).count() == 2
    assert [runs_measure_open() for _ in range(2)] == [1, 0]
