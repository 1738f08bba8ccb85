"""What is recorded of a day: exact under repetition, late news and midnight."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from agents.models import AgentRun
from agents.onboarding.agents_step import AgentsStep
from agents.services import run_record
from billing.models import UsageRecord
from billing.services import days_to_meter, storage_meter, usage_meter
from billing.tasks import usage_meter_late, usage_meter_today
from openclaw_site.aws.clients import client
from openclaw_site.celery import app
from openclaw_site.devstack.world import World
from tenants.models import Customer, CustomerState, GmailConnection
from tests.agents.factories import agent_of, make_info, make_run, stopped, task_arn
from tests.agents.workspaces import make_customer_with_schema, spend
from tests.billing.usage import DAY, at, old_customer, run_of, snapshot, used

NEXT = DAY + timedelta(days=1)
LATER = at(26, 12)
TOKENS = {"input_tokens": 2_000, "output_tokens": 400, "cache_read_tokens": 10_000, "cache_write_tokens": 1_400}
MODEL = "model.claude-haiku-4-5"
SPOT = {"fargate.spot.vcpu_second": Decimal(45), "fargate.spot.gib_second": Decimal(90)}


def test_a_run_is_recorded_with_its_seconds_and_tokens() -> None:
    run_of(old_customer(), at(24, 9), 90, **TOKENS)
    usage_meter(day=DAY, now=LATER)
    assert used(DAY) == {
        **SPOT,
        f"{MODEL}.input_token": 2_000,
        f"{MODEL}.output_token": 400,
        f"{MODEL}.cache_read_token": 10_000,
        f"{MODEL}.cache_write_token": 1_400,
    }


# How often and when the day is measured; each has to end in the same records. A number is an hour after the run's end,
# "next" the measuring of the next day, "again" the same hour once more.
REPLAYS: list[list[Any]] = [
    [1],
    [1, "again"],
    [1, "again", "again", 2, 3],
    [0, 1],
    [1, "next", 2],
    ["next", 1],
    [14, "next", 1, "next", "again"],
]


@pytest.mark.parametrize("rounds", REPLAYS)
def test_a_run_is_billed_once_however_often_it_is_measured(rounds: list[Any]) -> None:
    run_of(old_customer(), at(24, 9), 90, **TOKENS)
    hour = 1
    for one in rounds:
        hour = one if isinstance(one, int) else hour
        usage_meter(day=NEXT if one == "next" else DAY, now=at(24, 9) + timedelta(hours=hour if one != "next" else 24))
    once = used()
    assert once["fargate.spot.vcpu_second"] == 45 and once[f"{MODEL}.input_token"] == 2_000
    assert UsageRecord.objects.filter(source__startswith="run:").count() == 6


def test_a_day_measured_twice_changes_nothing() -> None:
    run_of(old_customer(), at(24, 9), 90, **TOKENS)
    first = usage_meter(day=DAY, now=LATER)
    before = snapshot()
    second = usage_meter(day=DAY, now=LATER + timedelta(hours=5))
    assert snapshot() == before
    assert (first.records, second.records, second.changes) == (7, 7, 0)


def test_events_that_come_twice_and_in_any_order_bill_one_run() -> None:
    customer = old_customer()
    run = make_run(agent_of(customer), task_arn=task_arn())
    start = timezone.now()
    end = stopped(
        run.task_arn, cpu=512, memory_mib=1024, pull_started_at=start, started_at=start + timedelta(seconds=57),
        stopped_at=start + timedelta(seconds=120),
    )  # fmt: skip
    late = make_info(run.task_arn, "RUNNING", cpu=512, memory_mib=1024, started_at=start + timedelta(seconds=57))
    for info in (late, end, end, late, end):
        run_record(info=info)
    for _ in range(3):
        for day in days_to_meter():
            usage_meter(day=day)
    assert used()["fargate.spot.vcpu_second"] == 60
    assert used()["fargate.spot.gib_second"] == 120


def test_a_run_over_midnight_and_the_months_end_is_split() -> None:
    run_of(old_customer(), at(30, 23, 59), 180, **TOKENS)
    for day in (date(2026, 11, 30), date(2026, 12, 1)):
        usage_meter(day=day, now=at(1, 9, month=12))
    assert used(date(2026, 11, 30)) == {"fargate.spot.vcpu_second": 30, "fargate.spot.gib_second": 60}
    assert used(date(2026, 12, 1)) == {
        "fargate.spot.vcpu_second": 60,
        "fargate.spot.gib_second": 120,
        f"{MODEL}.input_token": 2_000,
        f"{MODEL}.output_token": 400,
        f"{MODEL}.cache_read_token": 10_000,
        f"{MODEL}.cache_write_token": 1_400,
    }


def test_an_agent_that_goes_on_has_each_token_on_the_day_that_first_counted_it() -> None:
    run = run_of(old_customer(), at(23, 12), None, input_tokens=100)
    usage_meter(day=date(2026, 11, 23), now=at(23, 23, 30))
    AgentRun.objects.filter(pk=run.pk).update(input_tokens=250)
    for day in (date(2026, 11, 23), DAY):
        usage_meter(day=day, now=at(24, 23))
    AgentRun.objects.filter(pk=run.pk).update(input_tokens=400, state="succeeded", stopped_at=at(25, 6))
    for day in (date(2026, 11, 23), DAY, NEXT, date(2026, 11, 23), DAY, NEXT):
        usage_meter(day=day, now=LATER)
    kind = f"{MODEL}.input_token"
    assert [used(day).get(kind) for day in (date(2026, 11, 23), DAY, NEXT)] == [100, 150, 150]
    seconds = [used(day)["fargate.spot.gib_second"] for day in (date(2026, 11, 23), DAY, NEXT)]
    assert seconds == [43_200, 86_400, 21_600]


def test_figures_that_come_late_are_made_up_for() -> None:
    run = run_of(old_customer(), at(24, 9), 90)
    usage_meter(day=DAY, now=at(24, 10))
    assert used(DAY) == SPOT
    AgentRun.objects.filter(pk=run.pk).update(input_tokens=70, measured_at=at(25, 8))
    usage_meter(day=DAY, now=at(25, 9))
    assert used(DAY) == {**SPOT, f"{MODEL}.input_token": 70}


def test_a_run_that_ended_earlier_than_was_known_gives_back_what_was_too_much() -> None:
    run = run_of(old_customer(), at(24, 23), None, input_tokens=10)
    for day in (DAY, NEXT):
        usage_meter(day=day, now=at(25, 4))
    AgentRun.objects.filter(pk=run.pk).update(state="failed", stopped_at=at(24, 23, 30))
    for day in (DAY, NEXT):
        usage_meter(day=day, now=at(25, 5))
    assert used(NEXT) == {}
    assert used(DAY)["fargate.spot.gib_second"] == 1_800
    assert used(DAY)[f"{MODEL}.input_token"] == 10


def test_what_never_pulled_an_image_or_ran_elsewhere_pays_no_fargate() -> None:
    customer = old_customer()
    run_of(customer, at(24, 9), 90, pull_started_at=None, started_at=None)
    run_of(customer, at(24, 10), 90, task_arn="", input_tokens=5)
    usage_meter(day=DAY, now=LATER)
    assert used(DAY) == {f"{MODEL}.input_token": 5}


def test_on_demand_is_apart_and_an_unknown_model_costs_what_its_bridge_counted() -> None:
    customer = old_customer()
    run_of(customer, at(24, 9), 90, capacity_provider="FARGATE", model="", cost_micro_usd=77, input_tokens=5)
    usage_meter(day=DAY, now=LATER)
    assert used(DAY) == {
        "fargate.vcpu_second": 45, "fargate.gib_second": 90, "model.unknown.micro_usd": 77,
    }  # fmt: skip


def test_what_a_closed_customer_used_is_measured_before_its_runs_are_forgotten(aws: World) -> None:
    customer, other = make_customer_with_schema(), make_customer_with_schema()
    now = timezone.now()
    runs = [run_of(one, now - timedelta(minutes=9), 90, measured_at=None) for one in (customer, other)]
    for run in runs:
        spend(run.tenant, 100, run=run)
    assert AgentsStep().undo(customer) == {"agents": 3, "runs": 1, "strays": 0}
    assert not AgentRun.objects.filter(tenant=customer).exists()
    of_customer = used(customer=customer)
    assert (of_customer["fargate.spot.gib_second"], of_customer[f"{MODEL}.input_token"]) == (90, 1_000)
    assert used(customer=other) == {}
    for day in days_to_meter():
        usage_meter(day=day)
    assert used(customer=customer) == of_customer
    assert used(customer=other)["fargate.spot.gib_second"] == 90


def days_of(customer: Customer, kind: str) -> list[date]:
    rows = UsageRecord.objects.filter(tenant=customer, kind=kind).order_by("day")
    assert {row.quantity for row in rows} <= {Decimal(1)}
    return [row.day for row in rows]


def test_a_customer_counts_from_its_first_day_to_its_last() -> None:
    customer = old_customer()
    Customer.objects.filter(pk=customer.pk).update(
        created_at=at(23, 23, 59), closed_at=at(25, 0, 1), state=CustomerState.CLOSED
    )
    GmailConnection.objects.filter(tenant=customer).update(connected_at=at(24, 12))
    for day in range(22, 27):
        usage_meter(day=date(2026, 11, day), now=LATER)
    assert days_of(customer, "customer.day") == [date(2026, 11, day) for day in (23, 24, 25)]
    assert days_of(customer, "secrets.month") == [date(2026, 11, day) for day in (24, 25)]


def test_a_secret_that_was_held_stays_counted_when_gmail_is_connected_anew() -> None:
    customer = old_customer()
    GmailConnection.objects.filter(tenant=customer).update(connected_at=at(20))
    usage_meter(day=DAY, now=LATER)
    GmailConnection.objects.filter(tenant=customer).update(connected_at=at(26))
    usage_meter(day=DAY, now=LATER)
    assert days_of(customer, "secrets.month") == [DAY]


def test_days_that_come_have_no_records() -> None:
    old_customer()
    assert usage_meter(day=date(2026, 11, 27), now=at(26, 23, 59)).records == 0
    assert snapshot() == set()


def test_days_that_nobody_measured_are_made_up_for() -> None:
    assert days_to_meter(now=LATER) == [date(2026, 11, day) for day in (23, 24, 25, 26)]
    old_customer()
    usage_meter(day=date(2026, 11, 18), now=LATER)
    assert days_to_meter(now=LATER) == [date(2026, 11, day) for day in range(18, 27)]
    usage_meter(day=date(2026, 11, 24), now=LATER)
    assert days_to_meter(now=LATER)[0] == date(2026, 11, 23)


def test_the_tasks_may_run_twice(eager: None) -> None:
    now = timezone.now()
    run_of(old_customer(), now - timedelta(minutes=5), 90, **TOKENS)
    usage_meter_today.delay()
    usage_meter_late.delay()
    before = snapshot()
    usage_meter_late.delay()
    usage_meter_today.delay()
    assert snapshot() == before
    assert used()[f"{MODEL}.input_token"] == 2_000


def test_what_stands_in_the_bucket_is_looked_at_once_a_day(aws: World, settings: Any) -> None:
    customer, closed = old_customer(), old_customer(state=CustomerState.CLOSED)
    s3, key = client("s3"), f"{customer.storage_prefix}notes.txt"
    for body in (b"a" * 5_000_000, b"b" * 368_709):  # A two-hundredth of a GiB in two versions.
        s3.put_object(Bucket=settings.AGENT_BUCKET, Key=key, Body=body)
    assert storage_meter(day=DAY) == 1
    s3.put_object(Bucket=settings.AGENT_BUCKET, Key=f"{customer.storage_prefix}more.txt", Body=b"c" * 1_000_000)
    assert storage_meter(day=DAY) == 0
    (record,) = UsageRecord.objects.filter(kind="s3.gib_month")
    assert (record.tenant_id, record.day, record.quantity) == (customer.pk, DAY, Decimal("0.005"))
    usage_meter(day=DAY, now=LATER)
    assert UsageRecord.objects.filter(kind="s3.gib_month").count() == 1
    assert not UsageRecord.objects.filter(tenant=closed, kind="s3.gib_month").exists()


def test_a_bucket_that_can_not_be_asked_holds_up_nothing(
    aws: World, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    old_customer()
    settings.AGENT_BUCKET = "there-is-no-such-bucket"
    assert storage_meter(day=DAY) == 0
    assert "can't be measured" in caplog.text


def test_the_clock_knows_the_tasks_and_only_the_provisioner_lists_the_bucket() -> None:
    app.loader.import_default_modules()
    own = {entry["task"] for entry in app.conf.beat_schedule.values() if entry["task"].startswith("billing.")}
    assert own == {
        "billing.tasks.usage_meter_today", "billing.tasks.usage_meter_late", "billing.tasks.storage_meter",
        "billing.tasks.subscriptions_begin", "billing.tasks.subscriptions_advance", "billing.tasks.cards_sweep",
        "billing.tasks.card_events_replay",
    }  # fmt: skip
    assert own <= set(app.tasks)
    queues = {task: app.amqp.router.route({}, task)["queue"].name for task in own}
    assert queues == {task: "provisioning" if "storage" in task else "default" for task in own}
