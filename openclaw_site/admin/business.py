"""The front page's figures about the business, as charts and as numbers that lead to the rows they count.

Owns the choice of figures and their links. What each means is the selector's that it comes from.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from billing.days import day_of, days_between, month_first
from billing.models import SubscriptionState, UsageRecord
from billing.money import format_money
from billing.selectors import (
    costs_by_day,
    margin_by_customer,
    margin_total,
    recurring_revenue,
    revenue_by_day,
    subscriptions_by_state,
)
from billing.selectors.revenue import MICRO_USD_A_CENT
from openclaw_site.admin.charts import Chart
from tenants.models import CustomerState, GmailConnection, GmailState, Signup

DAYS: Final = 30
CUSTOMERS: Final = 12
MICRO: Final = 1_000_000
_FUNNEL: Final = (("Begun", "created_at"), ("Confirmed", "confirmed_at"), ("Made", "made_at"), ("In", "signed_in_at"))


def charts(request: HttpRequest) -> list[Chart]:
    """The charts that the person may see, those that have nothing to show last. A constant number of queries."""
    may = request.user.has_perm
    today = day_of(timezone.now())
    shown: list[Chart] = []
    if may("billing.view_costentry") and may("billing.view_subscription"):
        shown += [_days(today), _margin(today)]
    if may("billing.view_usagerecord"):
        shown.append(_tokens(today))
    if may("tenants.view_customer"):
        shown += [_funnel(today), _gmail()]
    return sorted(shown, key=lambda chart: chart.is_empty)


def _days(today: date) -> Chart:
    first = today - timedelta(days=DAYS - 1)
    subscriptions = reverse("admin:billing_subscription_changelist")
    states = subscriptions_by_state()
    paying = f"{subscriptions}?state__in=active,past_due"
    numbers = [("Recurring revenue a month", text, paying) for text in recurring_revenue()]
    numbers += [
        (label, str(states[state]), f"{subscriptions}?state__exact={state}")
        for state, label in SubscriptionState.choices
        if state in states
    ]
    brought, cost = revenue_by_day(first=first, last=today), costs_by_day(first=first, last=today)
    margin = {day: brought.get(day, 0) - cost.get(day, 0) for day in {*brought, *cost}}
    url = f"{reverse('admin:billing_costentry_changelist')}?day__gte={first}"
    series = {"Revenue": brought, "Cost": cost, "Margin": margin}
    dollars = {name: {day: amount / MICRO for day, amount in days.items()} for name, days in series.items()}
    return _by_day("Revenue, cost and margin by day", url, dollars, first, today, "USD", numbers)


def _margin(today: date) -> Chart:
    month = month_first(today)
    lines = margin_by_customer(month=month, today=today)
    total = margin_total(lines=lines)
    lowest = sorted((line for line in lines if line.customer_id), key=lambda line: line.margin_micro_usd)[:CUSTOMERS]
    url = f"{reverse('admin:billing_costentry_changelist')}?day__gte={month}"
    percent = "" if total.margin_percent is None else f" ({total.margin_percent} %)"
    return Chart(
        f"Margin of {month:%B} by customer, the lowest first",
        "bar",
        url,
        [line.name for line in lowest],
        {"Margin": [round(line.margin_micro_usd / MICRO, 2) for line in lowest]},
        "USD",
        [
            (
                "Margin this month",
                f"{format_money(round(total.margin_micro_usd / MICRO_USD_A_CENT), 'USD')}{percent}",
                url,
            )
        ],
    )


def _tokens(today: date) -> Chart:
    first = today - timedelta(days=DAYS - 1)
    used = UsageRecord.objects.filter(day__gte=first, kind__startswith="model.", kind__endswith="_token").order_by()
    days = {day: float(amount) for day, amount in used.values_list("day").annotate(Sum("quantity"))}
    url = f"{reverse('admin:billing_usagerecord_changelist')}?day__gte={first}"
    return _by_day("Tokens by day", url, {"Tokens": days}, first, today, "tokens", [])


def _funnel(today: date) -> Chart:
    since = timezone.now() - timedelta(days=DAYS)
    counts = Signup.objects.filter(created_at__gte=since).aggregate(
        **{name: Count("pk", filter=Q(**{f"{name}__isnull": False})) for _, name in _FUNNEL}
    )
    url = f"{reverse('admin:tenants_signup_changelist')}?created_at__gte={since:%Y-%m-%dT%H:%M:%S}Z"
    series = {"Companies": [float(counts[name]) for _, name in _FUNNEL]}
    return Chart(f"Sign-ups of {DAYS} days", "bar", url, [label for label, _ in _FUNNEL], series, "companies")


def _gmail() -> Chart:
    living = GmailConnection.objects.exclude(tenant__state__in=[CustomerState.OFFBOARDING, CustomerState.CLOSED])
    counts = dict(living.order_by().values_list("state").annotate(Count("pk")))
    customers = reverse("admin:tenants_customer_changelist")
    states = [(state, str(label)) for state, label in GmailState.choices if counts.get(state)]
    return Chart(
        "Gmail connections",
        "bar",
        customers,
        [label for _, label in states],
        {"Customers": [float(counts[state]) for state, _ in states]},
        "customers",
        [(label, str(counts[state]), f"{customers}?gmail__state__exact={state}") for state, label in states],
    )


def _by_day(
    title: str,
    url: str,
    series: Mapping[str, Mapping[date, float]],
    first: date,
    last: date,
    unit: str,
    numbers: Iterable[tuple[str, str, str]],
) -> Chart:
    days = list(days_between(first, last))
    figures = {name: [round(values.get(day, 0.0), 2) for day in days] for name, values in series.items()}
    return Chart(title, "line", url, [f"{day:%-d %b}" for day in days], figures, unit, list(numbers))
