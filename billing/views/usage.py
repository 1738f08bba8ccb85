"""What a customer's agents used, by month and day, on its own host. Every member reads it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents.workspace.views.page import show
from billing.days import day_of, month_first
from billing.selectors import Used, usage_by_day, usage_by_month
from openclaw_site.tables import csv_line
from tenants.members.requests import MemberRequest

MONTHS: Final = 12
COLUMNS: Final = ("day", "computing (vCPU-hours)", "language model (tokens)", "of the month's model budget (%)")


@dataclass(frozen=True, slots=True)
class Bar:
    """A day with how long its bar is, in percent of the busiest day's."""

    used: Used
    length: int


@require_safe
def history(request: MemberRequest) -> HttpResponse:
    """The last months, and the days of the one that `?month=2026-11` asks for; of the newest one by default."""
    days = _days(request)
    months = usage_by_month(days=days)
    asked = request.GET.get("month", "")
    chosen = next((one.first for one in months if f"{one.first:%Y-%m}" == asked), months[0].first if months else None)
    its = [day for day in days if month_first(day.first) == chosen]
    most = max((day.vcpu_hours for day in its), default=0)
    bars = [Bar(day, round(day.vcpu_hours * 100 / most) if most else 0) for day in its]
    return show(request, "usage", {"months": months, "chosen": chosen, "bars": bars})


@require_safe
def table(request: MemberRequest) -> HttpResponse:
    """The days of the last months on which anything was used, as CSV."""
    lines = [csv_line(COLUMNS), *(csv_line(_cells(day)) for day in _days(request) if not day.is_nothing)]
    name = f"usage-{request.membership.tenant.slug}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8", headers=headers)


def _days(request: MemberRequest) -> list[Used]:
    customer, today = request.membership.tenant, day_of(timezone.now())
    return usage_by_day(customer_id=customer.pk, plan=customer.plan, first=_earliest(today), last=today)


def _earliest(today: date) -> date:
    """The first day of the month that is the last of MONTHS, the running one among them."""
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _cells(day: Used) -> tuple[str, ...]:
    percent = "" if day.budget_percent is None else f"{day.budget_percent:.2f}"
    return day.first.isoformat(), f"{day.vcpu_hours:.4f}", f"{day.tokens:.0f}", percent
