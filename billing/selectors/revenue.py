"""What customers pay for a month, without tax. Platform context.

The one place that margin and alerts ask. A month brings what was invoiced for its days: of an invoice's period of 30
days, 12 of which are in the month, 12/30 of the net. An invoice that was taken back brings nothing, and its credit note
takes nothing away. Nothing of a past month changes when a customer changes its plan, is suspended or closed.

Days that are still to come, today among them, and that nobody has invoiced yet are expected to bring their part of the
price that the plan has today: where the subscription's next period will be charged, and where a customer has no
subscription yet, which lasts a minute. So a running month compares with a whole one. A trial, and what is suspended or
ends with its period, brings nothing that was not invoiced.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import QuerySet

from billing.days import days_between, days_in_month, month_after
from billing.models import Invoice, InvoiceKind, InvoiceState, Plan, Subscription, SubscriptionState
from tenants.models import Customer, CustomerState

MICRO_USD_A_CENT: Final = 10_000
USD: Final = "USD"
_WORKING: Final = (CustomerState.ACTIVE, CustomerState.DEGRADED, CustomerState.PAUSED)
_LEAVING: Final = (CustomerState.OFFBOARDING, CustomerState.CLOSED)
_RENEWED: Final = (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)


@dataclass(frozen=True, slots=True)
class Revenue:
    """A customer's month: the amount, how much of it is only expected, and for how many of the month's days it is.

    `problem` says what the amount leaves out, as it is not known in US dollars.
    """

    micro_usd: int = 0
    expected_micro_usd: int = 0
    days: int = 0
    problem: str = ""


def revenue(*, month: date, today: date) -> dict[uuid.UUID, Revenue]:
    """What each customer pays for the month with this first day; those that pay nothing are left out.

    What is in another currency than US dollars, in which costs are, counts as 0 with the problem, as does a plan that
    is gone.
    """
    found = _invoiced(month)
    first = max(month, today)
    if first < month_after(month):
        for tenant, part in _expected(month, first):
            found[tenant] = _add(found.get(tenant, Revenue()), part)
    return found


def revenue_by_day(*, first: date, last: date) -> dict[date, int]:
    """What was invoiced for each day from the first to the last, of all customers, in millionths of a US dollar.

    Days for which nothing was are left out, and so is what is in another currency. The days of a month add up to what
    was invoiced for it.
    """
    days: dict[date, int] = {}
    for _, start, end, net, currency in _invoices(first, last + timedelta(days=1)):
        if currency == USD:
            for day in days_between(max(start, first), min(end - timedelta(days=1), last)):
                part = part_of(net * MICRO_USD_A_CENT, start=start, end=end, first=day, upto=day + timedelta(days=1))
                days[day] = days.get(day, 0) + part
    return days


def part_of(amount: int, *, start: date, end: date, first: date, upto: date) -> int:
    """How much of an amount for the days from `start` to before `end` falls on those from `first` to before `upto`.

    In proportion to days, in whole units: what rounding leaves of some days is in the next, so that parts that follow
    each other add up to the whole.
    """
    days = (end - start).days
    before, after = (min(max((edge - start).days, 0), days) for edge in (first, upto))
    return amount * after // days - amount * before // days


def _invoiced(month: date) -> dict[uuid.UUID, Revenue]:
    found: dict[uuid.UUID, Revenue] = {}
    upto = month_after(month)
    for tenant, start, end, net, currency in _invoices(month, upto):
        days = (min(end, upto) - max(start, month)).days
        amount = part_of(net * MICRO_USD_A_CENT, start=start, end=end, first=month, upto=upto)
        part = Revenue(amount, days=days) if currency == USD else _foreign(currency, days)
        found[tenant] = _add(found.get(tenant, Revenue()), part)
    return found


def _invoices(first: date, upto: date) -> QuerySet[Invoice, tuple[uuid.UUID, date, date, int, str]]:
    """Customer, first day, day after the last, net and currency of what was invoiced for any day before `upto`."""
    rows = Invoice.objects.filter(kind=InvoiceKind.INVOICE, period_start__lt=upto, period_end__gt=first)
    living = rows.exclude(state=InvoiceState.CANCELLED).order_by("period_start", "number")
    return living.values_list("tenant_id", "period_start", "period_end", "net_minor", "currency")


def _expected(month: date, first: date) -> list[tuple[uuid.UUID, Revenue]]:
    """What the days of the month from `first` on are expected to bring, without those of periods that have begun."""
    subscriptions = Subscription.objects.filter(state__in=_RENEWED, cancels=False, period_end__lt=month_after(month))
    renewed = subscriptions.exclude(tenant__state__in=_LEAVING).select_related("plan", "next_plan")
    parts = [
        (one.tenant_id, _price(one.next_plan or one.plan, month, max(first, one.period_end or first)))
        for one in renewed
    ]
    plans = {plan.code: plan for plan in Plan.objects.all()}
    new = Customer.objects.filter(state__in=_WORKING, subscription=None).values_list("pk", "plan")
    for tenant, code in new:
        plan = plans.get(code)
        gone = Revenue(problem=f"There is no plan “{code}” any more.")
        parts.append((tenant, _price(plan, month, first) if plan else gone))
    return parts


def _price(plan: Plan, month: date, first: date) -> Revenue:
    """The plan's price for the days of the month from `first` to its end."""
    days = (month_after(month) - first).days
    if plan.currency != USD:
        return _foreign(plan.currency, days)
    part = plan.price_cents * MICRO_USD_A_CENT * days // days_in_month(month)
    return Revenue(part, expected_micro_usd=part, days=days)


def _foreign(currency: str, days: int) -> Revenue:
    return Revenue(days=days, problem=f"It pays in {currency}, and there is no exchange rate here.")


def _add(one: Revenue, other: Revenue) -> Revenue:
    problems = dict.fromkeys(text for text in (one.problem, other.problem) if text)
    return Revenue(
        one.micro_usd + other.micro_usd,
        one.expected_micro_usd + other.expected_micro_usd,
        one.days + other.days,
        " ".join(problems),
    )
