"""What customers cost, from the cost entries. Platform context: no customer sees them. Millionths of a US dollar."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from billing.days import month_after
from billing.kinds import group_of
from billing.models import CostEntry, UsageRecord


@dataclass(frozen=True, slots=True)
class Cost:
    """What one kind cost a customer in a month, and how much of it was used; shared parts have no quantity."""

    kind: str
    quantity: Decimal | None
    micro_usd: int

    @property
    def group(self) -> str:
        """The title of the kind's group."""
        return group_of(self.kind)


def entries_of_month(month: date) -> QuerySet[CostEntry]:
    """The entries of the month with this first day."""
    return CostEntry.objects.filter(day__gte=month, day__lt=month_after(month)).order_by()


def costs_by_customer(*, month: date) -> dict[uuid.UUID | None, dict[str, int]]:
    """Each customer's costs of the month by group; under None what there was nobody to share with."""
    found: dict[uuid.UUID | None, dict[str, int]] = {}
    for tenant, kind, amount in entries_of_month(month).values_list("tenant_id", "kind").annotate(Sum("micro_usd")):
        groups = found.setdefault(tenant, {})
        groups[group_of(kind)] = groups.get(group_of(kind), 0) + amount
    return found


def costs_by_kind(*, month: date, customer_id: uuid.UUID) -> list[Cost]:
    """A customer's costs of the month by kind, with the quantities."""
    used = UsageRecord.objects.filter(day__gte=month, day__lt=month_after(month), tenant_id=customer_id).order_by()
    quantities = dict(used.values_list("kind").annotate(Sum("quantity")))
    paid = entries_of_month(month).filter(tenant_id=customer_id)
    sums = paid.values_list("kind").annotate(Sum("micro_usd")).order_by("kind")
    return [Cost(kind, quantities.get(kind), amount) for kind, amount in sums]


def costs_by_day(*, first: date, last: date, customer_id: uuid.UUID | None = None) -> dict[date, int]:
    """What the days cost, from the first to the last, of one customer or of all. Days without entries are left out."""
    entries = CostEntry.objects.filter(day__gte=first, day__lte=last).order_by("day")
    if customer_id is not None:
        entries = entries.filter(tenant_id=customer_id)
    return dict(entries.values_list("day").annotate(Sum("micro_usd")))
