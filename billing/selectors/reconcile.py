"""Our costs against AWS's bill, by customer and service. Platform context; asks Cost Explorer.

What carries a TenantID at AWS (tasks, secrets, objects, the model by its caller) stands against what was metered for
that customer. What carries none is the platform: it stands against everything that is shared, in one line.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from agents.services.record import TENANT_TAG
from billing.kinds import group_at_aws
from billing.selectors.costs import costs_by_customer
from openclaw_site.aws.costs import TaggedCost, costs_by_tag
from tenants.models import Customer

SHARED: Final = "Shared"
_MICRO: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Difference:
    """One customer and service: what we derived, what AWS asks. `customer` is empty for what is shared."""

    customer: str
    service: str
    ours_usd: Decimal
    aws_usd: Decimal
    estimated: bool

    @property
    def difference_usd(self) -> Decimal:
        """AWS's less ours: above 0 we metered too little."""
        return self.aws_usd - self.ours_usd


def differences(*, month: date, end: date) -> list[Difference]:
    """Every customer and service that either side knows, from the month's first day up to, and without, `end`.

    Raises openclaw_site.aws.errors.AwsError.
    """
    theirs = costs_by_tag(tag=TENANT_TAG, first=month, end=end)
    return compare(ours=costs_by_customer(month=month), theirs=theirs)


def compare(*, ours: dict[uuid.UUID | None, dict[str, int]], theirs: Iterable[TaggedCost]) -> list[Difference]:
    """The two sides put together. A TenantID that is no customer's keeps its own name."""
    names = {pk.hex: slug for pk, slug in Customer.objects.values_list("pk", "slug")}
    left: dict[tuple[str, str], Decimal] = {}
    for tenant, groups in ours.items():
        for group, amount in groups.items():
            own = "" if tenant is None or group == SHARED else names.get(tenant.hex, tenant.hex)
            left[own, group] = left.get((own, group), Decimal(0)) + amount / _MICRO
    right: dict[tuple[str, str], Decimal] = {}
    estimated: set[tuple[str, str]] = set()
    for cost in theirs:
        name = names.get(cost.tag_value, cost.tag_value)
        key = (name, group_at_aws(cost.service) if name else SHARED)
        right[key] = right.get(key, Decimal(0)) + cost.usd
        if cost.estimated:
            estimated.add(key)
    return [
        Difference(*key, left.get(key, Decimal(0)), right.get(key, Decimal(0)), key in estimated)
        for key in sorted({*left, *right})
    ]
