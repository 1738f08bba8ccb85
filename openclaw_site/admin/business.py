"""The front page's figures about the business, as charts and as numbers that lead to the rows they count.

Owns the choice of figures and their links. What each means is the selector's that it comes from.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from billing.days import day_of, days_between, month_first
from billing.models import SubscriptionState, UsageRecord
from billing.selectors import (
    costs_by_day,
    margin_by_customer,
    margin_total,
    recurring_revenue,
    subscriptions_by_state,
)
from tenants.models import CustomerState, GmailConnection, GmailState, Signup

DAYS: Final = 30
CUSTOMERS: Final = 12
MICRO: Final = 1_000_000
_COLOUR: Final = "var(--color-primary-500)"
_INK: Final = "#6b7280"  # To be read on light and on dark.
_FUNNEL: Final = (("Begun", "created_at"), ("Confirmed", "confirmed_at"), ("Made", "made_at"), ("In", "signed_in_at"))


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart in unfold's form; `table` has the same figures for those who see no picture."""

    title: str
    kind: str
    url: str
    labels: list[str]
    values: list[float]
    unit: str = ""
    numbers: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def data(self) -> str:
        """Chart.js's data."""
        series = {
            "label": self.unit or self.title,
            "data": self.values,
            "borderColor": _COLOUR,
            "backgroundColor": _COLOUR,
            "borderRadius": 4,
            "maxBarThickness": 56,
            "pointRadius": 0,
        }
        return json.dumps({"labels": self.labels, "datasets": [series]})

    @property
    def options(self) -> str:
        """Chart.js's options: both axes with their figures, the unit beside them."""
        ticks = {"color": _INK, "maxTicksLimit": 6, "precision": 0}
        axes = {
            "x": {"ticks": {**ticks, "maxTicksLimit": 8, "maxRotation": 0}, "grid": {"display": False}},
            "y": {
                "beginAtZero": True,
                "ticks": ticks,
                "grid": {},
                "title": {"display": True, "text": self.unit, "color": _INK},
            },
        }
        return json.dumps(
            {
                "animation": False,
                "maintainAspectRatio": False,
                "plugins": {"legend": {"display": False}},
                "scales": axes,
            }
        )

    @property
    def table(self) -> list[tuple[str, float]]:
        """Label and value of each point."""
        return list(zip(self.labels, self.values, strict=True))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(self.values)


def charts(request: HttpRequest) -> list[Chart]:
    """The charts that the person may see, those that have nothing to show last. A constant number of queries."""
    may = request.user.has_perm
    today = day_of(timezone.now())
    shown: list[Chart] = []
    if may("billing.view_costentry") and may("billing.view_subscription"):
        shown += [_costs(today), _margin(today)]
    if may("billing.view_usagerecord"):
        shown.append(_tokens(today))
    if may("tenants.view_customer"):
        shown += [_funnel(today), _gmail()]
    return sorted(shown, key=lambda chart: chart.is_empty)


def _costs(today: date) -> Chart:
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
    days = {day: amount / MICRO for day, amount in costs_by_day(first=first, last=today).items()}
    url = f"{reverse('admin:billing_costentry_changelist')}?day__gte={first}"
    return _by_day("Costs by day", url, days, first, today, "USD", numbers)


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
        [round(line.margin_micro_usd / MICRO, 2) for line in lowest],
        "USD",
        [("Margin this month", f"${total.margin_micro_usd / MICRO:,.2f}{percent}", url)],
    )


def _tokens(today: date) -> Chart:
    first = today - timedelta(days=DAYS - 1)
    used = UsageRecord.objects.filter(day__gte=first, kind__startswith="model.", kind__endswith="_token").order_by()
    days = {day: float(amount) for day, amount in used.values_list("day").annotate(Sum("quantity"))}
    url = f"{reverse('admin:billing_usagerecord_changelist')}?day__gte={first}"
    return _by_day("Tokens by day", url, days, first, today, "tokens", [])


def _funnel(today: date) -> Chart:
    since = timezone.now() - timedelta(days=DAYS)
    counts = Signup.objects.filter(created_at__gte=since).aggregate(
        **{name: Count("pk", filter=Q(**{f"{name}__isnull": False})) for _, name in _FUNNEL}
    )
    url = f"{reverse('admin:tenants_signup_changelist')}?created_at__gte={since:%Y-%m-%dT%H:%M:%S}Z"
    values = [float(counts[name]) for _, name in _FUNNEL]
    return Chart(f"Sign-ups of {DAYS} days", "bar", url, [label for label, _ in _FUNNEL], values, "companies")


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
        [float(counts[state]) for state, _ in states],
        "customers",
        [(label, str(counts[state]), f"{customers}?gmail__state__exact={state}") for state, label in states],
    )


def _by_day(
    title: str,
    url: str,
    values: Mapping[date, float],
    first: date,
    last: date,
    unit: str,
    numbers: Iterable[tuple[str, str, str]],
) -> Chart:
    days = list(days_between(first, last))
    figures = [round(values.get(day, 0.0), 2) for day in days]
    return Chart(title, "line", url, [f"{day:%-d %b}" for day in days], figures, unit, list(numbers))
