"""What customers pay for a month, without tax. Platform context.

The one place that margin and forecast ask. It is the price of the plan of every customer whose subscription is paid for
now: one on trial, suspended or ended brings nothing. A customer that has no subscription yet, which lasts a minute,
counts. The state of now holds for past months too; what was invoiced for them stands in the invoices.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Final

from billing.days import day_start, month_after
from billing.models import Plan, SubscriptionState
from tenants.models import Customer, CustomerState

MICRO_USD_A_CENT: Final = 10_000
PAYING: Final = (CustomerState.ACTIVE, CustomerState.DEGRADED, CustomerState.PAUSED)
UNPAID: Final = (SubscriptionState.TRIAL, SubscriptionState.SUSPENDED, SubscriptionState.CANCELLED)
USD: Final = "USD"


@dataclass(frozen=True, slots=True)
class Revenue:
    """A customer's month; `problem` says why the amount is not known, where it is 0 for that reason."""

    micro_usd: int
    problem: str = ""


def revenue(*, month: date) -> dict[uuid.UUID, Revenue]:
    """What each customer pays for the month with this first day. Customers that pay nothing are left out.

    A plan that is gone, or one in another currency than US dollars, in which costs are, counts as 0 with the problem.
    """
    plans = {plan.code: plan for plan in Plan.objects.all()}
    customers = Customer.objects.filter(state__in=PAYING, created_at__lt=day_start(month_after(month)))
    paying = customers.exclude(subscription__state__in=UNPAID)
    return {pk: _revenue(code, plans.get(code)) for pk, code in paying.values_list("pk", "plan")}


def _revenue(code: str, plan: Plan | None) -> Revenue:
    if plan is None:
        return Revenue(0, f"There is no plan “{code}” any more.")
    if plan.currency != USD:
        return Revenue(0, f"The plan “{code}” is in {plan.currency}, and there is no exchange rate here.")
    return Revenue(plan.price_cents * MICRO_USD_A_CENT)
