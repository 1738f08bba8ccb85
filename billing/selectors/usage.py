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


def usage_in_words(*, month: date, customer_id: uuid.UUID) -> list[tuple[str, str]]:
    """The customer's usage of the month as a member reads it: what, and how much. Platform or customer context."""
    found = {line.kind: line.quantity for line in usage_of_month(month=month, customer_id=customer_id)}
    seconds = sum(amount for kind, amount in found.items() if kind.endswith("vcpu_second"))
    tokens = sum(amount for kind, amount in found.items() if kind.startswith("model.") and kind.endswith("_token"))
    lines = []
    if seconds:
        lines.append(("Computing", f"{seconds / 3600:,.2f} vCPU-hours"))
    if tokens:
        lines.append(("Language model", f"{tokens:,.0f} tokens, written, read and cached"))
    return lines
