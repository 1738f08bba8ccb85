"""Two workers on one day at once, and what a customer's rows survive."""

import threading
from datetime import date

import pytest
from django.db import connection
from django.db.models import ProtectedError

from agents.models import AgentRun
from billing.models import CostEntry, UsageRecord
from billing.services import costs_derive, usage_meter
from tenants.isolation.context import enter_platform
from tests.billing.usage import DAY, at, old_customer, run_of, snapshot, used

LATER = at(26, 12)


def test_two_workers_that_measure_one_day_at_once_end_in_the_same_records() -> None:
    customers = [old_customer() for _ in range(4)]
    for hour in range(6):
        for customer in customers:
            run_of(customer, at(24, hour), 61 + hour, input_tokens=1_000 + hour)
    barrier, errors = threading.Barrier(3), list[BaseException]()

    def work() -> None:
        try:
            with enter_platform():
                for _ in range(3):
                    barrier.wait(timeout=20)
                    usage_meter(day=DAY, now=LATER)
                    costs_derive(day=DAY)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert errors == []
    assert used(DAY)["model.claude-haiku-4-5.input_token"] == 4 * sum(1_000 + hour for hour in range(6))
    before, costs = snapshot(), set(CostEntry.objects.values_list("tenant_id", "kind", "micro_usd"))
    assert (usage_meter(day=DAY, now=LATER).changes, costs_derive(day=DAY)) == (0, 0)
    assert snapshot() == before
    assert len(costs) == CostEntry.objects.count()


def test_the_sum_of_all_days_is_the_run_whatever_the_order_of_measuring() -> None:
    """Days measured in any order, some several times, some before the run went on: seconds and tokens once each."""
    first, days = date(2026, 11, 20), [date(2026, 11, day) for day in (20, 21, 22, 23)]
    orders = [[0, 1, 2, 3], [3, 2, 1, 0], [0, 3], [1, 1, 0, 2, 3, 0], [2, 3, 2, 3, 0, 1]]
    for order in orders:
        run = run_of(old_customer(), at(20, 18), None, input_tokens=100)
        usage_meter(day=first, now=at(20, 20))
        AgentRun.objects.filter(pk=run.pk).update(input_tokens=900, state="succeeded", stopped_at=at(23, 6))
        for number in [*order, 0, 1, 2, 3]:
            usage_meter(day=days[number], now=LATER)
        own = UsageRecord.objects.filter(source=f"run:{run.pk}")
        tokens = [row.quantity for row in own.filter(kind__startswith="model.").order_by("day")]
        assert sum(tokens) == 900, order
        seconds = sum(row.quantity for row in own.filter(kind="fargate.spot.gib_second"))
        assert seconds == 60 * 3600, order


def test_a_customer_with_costs_can_not_be_deleted_with_them() -> None:
    customer = old_customer()
    usage_meter(day=DAY, now=LATER)
    with pytest.raises(ProtectedError):
        customer.delete()
