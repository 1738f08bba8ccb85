"""What customers used on a day, written down once however often it is measured. Platform context.

A day is measured from what stands in the tables now, and what differs from the day's records is changed, so that
retries, replays and late news end in the same records:

- Fargate's seconds of a run on the day (`metering.runs`), of an open run up to now.
- A run's tokens belong to the day on which they were first counted: on its last day those that earlier days don't have
  yet. A run within one day has them on that day; all days together have the run's own figure, each token once.
- A customer counts for each day on which it existed and was not closed; its secret for each day on which one was held.
  These two stay once they are written: what was true then may not be told by today's rows.

Figures come up to a day late (`agents.services.followup`), so the last three days are measured again each night.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from agents.models import AgentRun
from agents.runtime.bridge.prices import UnknownModel
from billing.days import day_end, day_of, day_start, days_between
from billing.metering.runs import Span, paid_span
from billing.models import UsageRecord
from billing.pricing import model_code
from billing.pricing.models import TOKEN_KINDS
from billing.services.rows import rows_replace
from tenants.models import Customer, GmailConnection

CUSTOMER_DAY: Final = "customer.day"
HELD: Final = "secrets.month"
UNKNOWN_MODEL: Final = "model.unknown.micro_usd"
RUN: Final = "run:"
LATE_DAYS: Final = 3
# Days that nobody measured, as the clock stood still, are made up for, up to so many.
MOST_DAYS: Final = 40
SPOT: Final = "FARGATE_SPOT"
# A task's size where nobody told it: that of Terraform's task definitions.
_CPU_UNITS: Final = 512
_MEMORY_MIB: Final = 1024

Wanted = dict[tuple[str, str], tuple[uuid.UUID, Decimal]]


@dataclass(frozen=True, slots=True)
class Metered:
    """A measured day: how many records it has of runs and customers, and how many of them are new, changed or gone."""

    day: date
    records: int
    changes: int


def days_to_meter(*, now: datetime | None = None) -> list[date]:
    """The last LATE_DAYS days, and those since the last one that was measured if that is longer ago, today included."""
    today = day_of(now or timezone.now())
    newest = UsageRecord.objects.filter(day__lt=today).aggregate(day=Max("day"))["day"]
    first = today - timedelta(days=LATE_DAYS)
    if newest is not None:
        first = max(min(first, newest), today - timedelta(days=MOST_DAYS))
    return list(days_between(first, today))


def usage_meter(*, day: date, now: datetime | None = None) -> Metered:
    """The day's records say what was used on it, as far as is known now. Safe to repeat; days that come have none."""
    moment = now or timezone.now()
    if day_start(day) > moment:
        return Metered(day, 0, 0)
    kept = UsageRecord.objects.filter(day=day).exclude(source__startswith="storage:")
    wanted: Wanted = {**_customers(day), **_secrets(day), **_runs(day, moment)}
    existing = {(row.source, row.kind): row for row in kept}
    for key, row in existing.items():
        if not row.source.startswith(RUN):
            wanted.setdefault(key, (row.tenant_id, row.quantity))
    new = [
        UsageRecord(tenant_id=tenant, day=day, source=source, kind=kind, quantity=quantity)
        for (source, kind), (tenant, quantity) in sorted(wanted.items())
        if (source, kind) not in existing or existing[source, kind].quantity != quantity
    ]
    gone = [row.pk for key, row in existing.items() if key not in wanted]
    unique, values = ("source", "kind", "day"), ("tenant", "quantity")
    rows_replace(table=UsageRecord, new=new, unique=unique, values=values, gone=sorted(gone))
    return Metered(day, len(wanted), len(new) + len(gone))


def _present(day: date) -> QuerySet[Customer]:
    open_then = Q(closed_at=None) | Q(closed_at__gt=day_start(day))
    return Customer.objects.filter(open_then, created_at__lt=day_end(day))


def _customers(day: date) -> Wanted:
    ids = _present(day).values_list("pk", flat=True)
    return {(f"customer:{pk}", CUSTOMER_DAY): (pk, Decimal(1)) for pk in ids}


def _secrets(day: date) -> Wanted:
    held = GmailConnection.objects.filter(tenant__in=_present(day), connected_at__lt=day_end(day))
    return {(f"secret:{pk}", HELD): (pk, Decimal(1)) for pk in held.values_list("tenant_id", flat=True)}


def _runs(day: date, now: datetime) -> Wanted:
    """The records of every run that had a part of its paid time or its end on the day."""
    longest_late = timedelta(seconds=60)  # The least that is paid may reach over midnight.
    ended = Q(stopped_at__gte=day_start(day) - longest_late)
    runs = AgentRun.objects.filter(ended | ~Q(state__in=AgentRun.ENDED), requested_at__lt=day_end(day))
    runs_by_source = {f"{RUN}{run.pk}": run for run in runs.iterator(chunk_size=2000)}
    counted = _counted_before(day, [run for run in runs_by_source.values() if run.requested_at < day_start(day)])
    here = _counted_here(day)
    wanted: Wanted = {}
    for source, run in runs_by_source.items():
        span = _span(run, now)
        if span is not None:
            wanted |= {(source, kind): (run.tenant_id, seconds) for kind, seconds in _fargate(run, span, day)}
        last = _last_day(run, now)
        if last == day:
            wanted |= {
                (source, kind): (run.tenant_id, tokens)
                for kind, total in _tokens(run)
                if (tokens := max(total - counted.get((source, kind), Decimal(0)), Decimal(0)))
            }
        elif last > day:  # Counted here before, and so not later.
            wanted |= {key: (run.tenant_id, quantity) for key, quantity in here.get(source, {}).items()}
    return wanted


def _span(run: AgentRun, now: datetime) -> Span | None:
    if not run.task_arn:
        return None  # It ran on no Fargate: none was to be had, or it ran on an operator's machine.
    return paid_span(
        requested_at=run.requested_at,
        pull_started_at=run.pull_started_at,
        started_at=run.started_at,
        stopped_at=run.stopped_at,
        now=now,
    )


def _last_day(run: AgentRun, now: datetime) -> date:
    return day_of(max(run.stopped_at or now, run.requested_at))


def _fargate(run: AgentRun, span: Span, day: date) -> Iterator[tuple[str, Decimal]]:
    seconds = span.seconds_on(day)
    if not seconds:
        return
    kind = "fargate.spot" if run.capacity_provider == SPOT else "fargate"
    yield f"{kind}.vcpu_second", _six(seconds * (run.cpu or _CPU_UNITS) / 1024)
    yield f"{kind}.gib_second", _six(seconds * (run.memory_mib or _MEMORY_MIB) / 1024)


def _tokens(run: AgentRun) -> Iterator[tuple[str, Decimal]]:
    """Tokens by kind; of a model that has no price here, what its calls cost as the bridge counted it."""
    figures = (run.input_tokens, run.output_tokens, run.cache_read_tokens, run.cache_write_tokens)
    try:
        found = [(model_code(run.model, kind), number) for kind, number in zip(TOKEN_KINDS, figures, strict=True)]
    except UnknownModel:
        found = [(UNKNOWN_MODEL, run.cost_micro_usd)]
    yield from ((kind, Decimal(number)) for kind, number in found if number)


def _counted_before(day: date, runs: list[AgentRun]) -> dict[tuple[str, str], Decimal]:
    """What earlier days have of these runs' tokens."""
    sources = [f"{RUN}{run.pk}" for run in runs]
    rows = UsageRecord.objects.filter(source__in=sources, kind__startswith="model.", day__lt=day).order_by()
    return {
        (source, kind): total for source, kind, total in rows.values_list("source", "kind").annotate(Sum("quantity"))
    }


def _counted_here(day: date) -> dict[str, dict[tuple[str, str], Decimal]]:
    rows = UsageRecord.objects.filter(day=day, kind__startswith="model.", source__startswith=RUN)
    found: dict[str, dict[tuple[str, str], Decimal]] = {}
    for source, kind, quantity in rows.values_list("source", "kind", "quantity"):
        found.setdefault(source, {})[source, kind] = quantity
    return found


def _six(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.000001"))
