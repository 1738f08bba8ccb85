"""What customers will have cost by the end of the month. Platform context. Millionths of a US dollar.

The rule: what the month's whole days cost so far stands. Each day that is left, today included, costs what is fixed
(secrets, storage, what is shared) as on the last whole day, and what grows with work (Fargate, the model) as on the
average of the last seven whole days, or of those since the customer's first one. The seven may reach into the month
before. A customer without a whole day has no forecast yet.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from billing.days import days_in_month, month_after, month_first
from billing.kinds import is_variable
from billing.models import CostEntry

RUN_RATE_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Forecast:
    """One customer's month: what its whole days cost, and what it will have cost; `whole_days` with any cost."""

    so_far_micro_usd: int
    micro_usd: int
    whole_days: int


def forecasts(*, today: date) -> dict[uuid.UUID | None, Forecast]:
    """The forecast of today's month for every customer that has a whole day in it or in the week before today."""
    month = month_first(today)
    first = min(month, today - timedelta(days=RUN_RATE_DAYS))
    rows = CostEntry.objects.filter(day__gte=first, day__lt=today).order_by("day", "kind")
    by_customer: dict[uuid.UUID | None, list[tuple[date, bool, int]]] = {}
    for tenant, day, kind, amount in rows.values_list("tenant_id", "day", "kind", "micro_usd"):
        by_customer.setdefault(tenant, []).append((day, is_variable(kind), amount))
    return {tenant: _forecast(entries, today) for tenant, entries in by_customer.items()}


def month_forecast(*, so_far: int, fixed_a_day: int, variable: int, variable_days: int, days_left: int) -> int:
    """The rule in numbers."""
    return so_far + days_left * fixed_a_day + (days_left * variable + variable_days // 2) // max(variable_days, 1)


def _forecast(entries: list[tuple[date, bool, int]], today: date) -> Forecast:
    month, window = month_first(today), today - timedelta(days=RUN_RATE_DAYS)
    so_far = sum(amount for day, _, amount in entries if day >= month)
    last_day = max(day for day, _, _ in entries)
    # A customer that left cost nothing yesterday, and will cost nothing.
    goes_on = last_day == today - timedelta(days=1)
    recent = [(day, varies, amount) for day, varies, amount in entries if day >= window]
    first_day = min((day for day, _, _ in recent), default=today)
    total = month_forecast(
        so_far=so_far,
        fixed_a_day=sum(amount for day, varies, amount in recent if not varies and day == last_day),
        variable=sum(amount for _, varies, amount in recent if varies),
        variable_days=(today - first_day).days,
        days_left=days_in_month(today) - today.day + 1 if goes_on else 0,
    )
    return Forecast(so_far, total, len({day for day, _, _ in entries if month <= day < month_after(month)}))
