"""What customers used on a day, written down once however often it is measured. Platform context.

A day is measured from what stands in the tables now, and what differs from the day's records is changed, so that
retries, replays and late news end in the same records:

- Fargate's seconds of a run on the day (`metering.runs`), of an open run up to now.
- A run's tokens belong to the day on which they were first counted: on its last day those that earlier days don't have
  yet. A run within one day has them on that day; all days together have the run's own figure, each token once.
- A customer counts for each day on which it existed and was not closed; its secret for each day on which one was held.
  These two stay once they are written: what was true then may not be told by today's rows.

A run's records stay when the run is gone, as the runs of a customer that is closed are: `customer_meter` measures them
before.

Figures come up to a day late (`agents.services.followup`), so the last three days are measured again each night.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Max, Q
from django.utils import timezone

from agents.models import AgentRun
from billing.days import day_of, day_start, days_between
from billing.metering.used import RUN, run_ids, used_on
from billing.models import UsageRecord
from billing.services.rows import rows_replace
from billing.services.storage import SOURCE as STORAGE

LATE_DAYS: Final = 3
# Days that nobody measured, as the clock stood still, are made up for, up to so many.
MOST_DAYS: Final = 40


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


def usage_meter(*, day: date, now: datetime | None = None, customer_id: uuid.UUID | None = None) -> Metered:
    """The day's records, of all customers or of one, say what was used on it as far as is known now.

    Safe to repeat, also by several at once. A day that has not begun has none.
    """
    moment = now or timezone.now()
    if day_start(day) > moment:
        return Metered(day, 0, 0)
    whose = Q() if customer_id is None else Q(tenant=customer_id)
    rows = UsageRecord.objects.filter(whose, day=day).exclude(source__startswith=STORAGE)
    existing = {(row.source, row.kind): row for row in rows}
    wanted = used_on(day=day, now=moment, customer_id=customer_id)
    new = [
        UsageRecord(tenant_id=tenant, day=day, source=source, kind=kind, quantity=quantity)
        for (source, kind), (tenant, quantity) in sorted(wanted.items())
        if (source, kind) not in existing or existing[source, kind].quantity != quantity
    ]
    gone = _outdated(row for key, row in existing.items() if key not in wanted)
    unique, values = ("source", "kind", "day"), ("tenant", "quantity")
    rows_replace(table=UsageRecord, new=new, unique=unique, values=values, gone=gone)
    return Metered(day, len(existing.keys() | wanted.keys()) - len(gone), len(new) + len(gone))


def customer_meter(*, customer_id: uuid.UUID) -> None:
    """The last days of a customer are measured, before its runs are forgotten. Safe to repeat."""
    for day in days_to_meter():
        usage_meter(day=day, customer_id=customer_id)


def _outdated(rows: Iterable[UsageRecord]) -> list[uuid.UUID]:
    """Of records that the tables don't speak of any more, those of runs that are still there and say otherwise."""
    of_runs = [row for row in rows if row.source.startswith(RUN)]
    there = set(AgentRun.objects.filter(pk__in=run_ids(row.source for row in of_runs)).values_list("pk", flat=True))
    return sorted(row.pk for row in of_runs if run_ids(iter([row.source])) <= there)
