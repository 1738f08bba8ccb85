"""What a customer used by day and month, as its members read it: never what it cost us. In the customer's context."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Q, Sum

from agents.workspace.selectors import model_spent_by_day
from billing.days import days_between, month_first
from billing.models import Plan, UsageRecord

_COMPUTING: Final = Q(kind__endswith="vcpu_second")
_TOKENS: Final = Q(kind__startswith="model.", kind__endswith="_token")
_SECONDS_AN_HOUR: Final = 3600
_MICRO_USD_A_CENT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Used:
    """What was used from one day on, for that day or for its month.

    `budget_percent` is of the model budget that the plan has now for a month; None where it has none.
    """

    first: date
    vcpu_hours: Decimal
    tokens: Decimal
    budget_percent: Decimal | None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all was used."""
        return not (self.vcpu_hours or self.tokens or self.budget_percent)


def usage_by_day(*, customer_id: uuid.UUID, plan: str, first: date, last: date) -> list[Used]:
    """Every day from the first to the last, both included; today as far as it was counted. `plan` is a code."""
    rows = UsageRecord.objects.filter(tenant_id=customer_id, day__gte=first, day__lte=last).order_by()
    sums = rows.values("day").annotate(
        seconds=Sum("quantity", filter=_COMPUTING, default=Decimal(0)),
        tokens=Sum("quantity", filter=_TOKENS, default=Decimal(0)),
    )
    found = {row["day"]: (row["seconds"], row["tokens"]) for row in sums}
    budget = Plan.objects.filter(code=plan).values_list("model_budget_cents", flat=True).first() or 0
    spent = model_spent_by_day(first=first) if budget else {}
    nothing = (Decimal(0), Decimal(0))
    return [
        Used(
            day,
            found.get(day, nothing)[0] / _SECONDS_AN_HOUR,
            found.get(day, nothing)[1],
            Decimal(spent.get(day, 0) * 100) / (budget * _MICRO_USD_A_CENT) if budget else None,
        )
        for day in days_between(first, last)
    ]


def usage_by_month(*, days: Iterable[Used]) -> list[Used]:
    """The days added up by month, the newest first; months in which nothing was used are left out."""
    months: dict[date, list[Used]] = {}
    for day in days:
        months.setdefault(month_first(day.first), []).append(day)
    sums = [_sum(first, its) for first, its in sorted(months.items(), reverse=True)]
    return [month for month in sums if not month.is_nothing]


def _sum(first: date, days: list[Used]) -> Used:
    percents = [day.budget_percent for day in days if day.budget_percent is not None]
    return Used(
        first,
        sum((day.vcpu_hours for day in days), Decimal(0)),
        sum((day.tokens for day in days), Decimal(0)),
        sum(percents, Decimal(0)) if percents else None,
    )
