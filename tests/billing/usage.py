"""Runs and days for tests of money. All need the platform's context."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from agents.models import Agent, AgentRun
from billing.models import CostEntry, Price, UsageRecord
from tenants.models import Customer, CustomerState
from tests.agents.factories import agent_of, task_arn
from tests.factories import make_customer

DAY = date(2026, 11, 24)


def at(day: int, hour: int = 0, minute: int = 0, second: int = 0, *, month: int = 11) -> datetime:
    """A moment of 2026, in UTC."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


def old_customer(**fields: Any) -> Customer:
    """An active customer that has been there since October."""
    customer = make_customer(**{"state": CustomerState.ACTIVE, **fields})
    created = at(1, month=10)
    Customer.objects.filter(pk=customer.pk).update(created_at=created)
    customer.created_at = created
    return customer


def run_of(
    customer: Customer, start: datetime, seconds: float | None, *, role: str = "butler", **fields: Any
) -> AgentRun:
    """A run whose pull began at `start`; without seconds it still runs."""
    agent: Agent = agent_of(customer, role)
    stopped_at = None if seconds is None else start + timedelta(seconds=seconds)
    values = {
        "state": "running" if seconds is None else "succeeded",
        "task_arn": task_arn(),
        "cpu": 512,
        "memory_mib": 1024,
        "capacity_provider": "FARGATE_SPOT",
        "pull_started_at": start,
        "started_at": start,
        "stopped_at": stopped_at,
        "model": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        **fields,
    }
    run = AgentRun.objects.create(tenant=customer, agent=agent, trigger="schedule", **values)
    AgentRun.objects.filter(pk=run.pk).update(requested_at=values.get("requested_at", start))
    run.refresh_from_db()
    return run


def used(day: date | None = None, customer: Customer | None = None) -> dict[str, Decimal]:
    """The sums of what runs used by kind, on a day or on all."""
    rows = UsageRecord.objects.filter(source__startswith="run:").order_by()
    if day is not None:
        rows = rows.filter(day=day)
    if customer is not None:
        rows = rows.filter(tenant=customer)
    return {kind: total.normalize() for kind, total in rows.values_list("kind").annotate(Sum("quantity"))}


def cost(customer: Customer | None, day: date, kind: str, micro_usd: int) -> CostEntry:
    """A day's cost, as if it had been derived."""
    return CostEntry.objects.create(tenant=customer, day=day, kind=kind, micro_usd=micro_usd)


def price(code: str, usd: str, valid_from: date, *, per: int = 1, region: str = "") -> Price:
    """A newer price."""
    return Price.objects.create(
        code=code, region=region, unit="unit", usd=Decimal(usd), per=per, valid_from=valid_from, source="a test"
    )


def snapshot() -> set[tuple[uuid.UUID, date, str, str, Decimal]]:
    """Everything that was recorded."""
    return set(UsageRecord.objects.values_list("tenant_id", "day", "kind", "source", "quantity"))
