"""What a day's usage cost, from the usage and the prices of that day. Platform context.

Costs follow from records and prices and nothing else: made again they are the same, and made again after a late figure
or a new price they are right. What the platform costs is divided by the rule of `shares`.
"""

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db.models import Sum

from billing.metering.used import CUSTOMER_DAY
from billing.models import CostEntry, UsageRecord
from billing.platform import shared_of_day
from billing.pricing import PriceBook, price_book
from billing.services.rows import rows_replace
from billing.shares import share

SHARED: Final = "shared."
WORK: Final = ("fargate.vcpu_second", "fargate.spot.vcpu_second")

Usage = list[tuple[uuid.UUID, str, str, Decimal]]
Costs = dict[tuple[uuid.UUID | None, str], int]


def costs_derive(*, day: date) -> int:
    """The day's entries are what its records cost, shared parts included; how many were changed. Safe to repeat.

    Raises PriceMissing, with nothing changed.
    """
    prices = price_book(day=day)
    usage: Usage = list(
        UsageRecord.objects.filter(day=day)
        .order_by("tenant_id", "kind")
        .values_list("tenant_id", "tenant__region", "kind")
        .annotate(Sum("quantity"))
    )
    wanted: Costs = {**dict(_own(usage, prices)), **dict(_shared(usage, prices))}
    existing = {(row.tenant_id, row.kind): row for row in CostEntry.objects.filter(day=day)}
    new = [
        CostEntry(tenant_id=tenant, day=day, kind=kind, micro_usd=amount)
        for (tenant, kind), amount in sorted(wanted.items(), key=lambda item: (str(item[0][0]), item[0][1]))
        if (tenant, kind) not in existing or existing[tenant, kind].micro_usd != amount
    ]
    gone = sorted(row.pk for key, row in existing.items() if key not in wanted)
    unique, values = ("tenant", "day", "kind"), ("micro_usd",)
    rows_replace(table=CostEntry, new=new, unique=unique, values=values, gone=gone)
    return len(new) + len(gone)


def _own(usage: Usage, prices: PriceBook) -> Iterator[tuple[tuple[uuid.UUID, str], int]]:
    for tenant, region, kind, quantity in usage:
        if kind != CUSTOMER_DAY:
            yield (tenant, kind), prices.micro_usd(code=kind, region=region, quantity=quantity)


def _shared(usage: Usage, prices: PriceBook) -> Iterator[tuple[tuple[uuid.UUID | None, str], int]]:
    present = {tenant: quantity for tenant, _, kind, quantity in usage if kind == CUSTOMER_DAY}
    worked: dict[uuid.UUID, Decimal] = {}
    for tenant, _, kind, quantity in usage:
        if kind in WORK:
            worked[tenant] = worked.get(tenant, Decimal(0)) + quantity
    groups = shared_of_day(environment=settings.COSTS_PLATFORM, prices=prices, region=settings.AWS_REGION)
    for group, amount in groups.items():
        parts = share(amount, present=present, worked=worked)
        if not parts:
            yield (None, f"{SHARED}{group}"), amount
        for tenant, part in parts.items():
            yield (tenant, f"{SHARED}{group}"), part
