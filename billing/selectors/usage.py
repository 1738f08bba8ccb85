"""What a customer used, for its own members: quantities, never what they cost us. Platform or customer context."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from billing.days import month_after
from billing.models import UsageRecord


@dataclass(frozen=True, slots=True)
class UsageLine:
    """How much of one kind was used."""

    kind: str
    quantity: Decimal


def usage_of_month(*, month: date, customer_id: uuid.UUID) -> list[UsageLine]:
    """The customer's usage in the month with this first day, by kind. The day that goes on counts as far as it is."""
    rows = UsageRecord.objects.filter(tenant_id=customer_id, day__gte=month, day__lt=month_after(month))
    sums = rows.order_by("kind").values_list("kind").annotate(Sum("quantity"))
    return [UsageLine(kind, quantity) for kind, quantity in sums]
