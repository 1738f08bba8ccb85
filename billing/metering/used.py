"""What a day's tables say was used on it, by the rules of `services.metering`. Reads only; platform context."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet, Sum

from agents.models import AgentRun
from agents.runtime.bridge.prices import UnknownModel
from billing.days import day_end, day_of, day_start
from billing.metering.runs import LEAST_SECONDS, Span, paid_span
from billing.models import UsageRecord
from billing.pricing import model_code
from billing.pricing.models import TOKEN_KINDS
from tenants.models import Customer, GmailConnection

CUSTOMER_DAY: Final = "customer.day"
HELD: Final = "secrets.month"
UNKNOWN_MODEL: Final = "model.unknown.micro_usd"
RUN: Final = "run:"
SPOT: Final = "FARGATE_SPOT"
# A task's size where nobody told it: that of Terraform's task definitions.
_CPU_UNITS: Final = 512
_MEMORY_MIB: Final = 1024

# By source and kind: whose it is, and how much.
Wanted = dict[tuple[str, str], tuple[uuid.UUID, Decimal]]


def used_on(*, day: date, now: datetime, customer_id: uuid.UUID | None = None) -> Wanted:
    """All that is known to have been used on the day until `now`, by all customers or by one."""
    whose = Q() if customer_id is None else Q(tenant=customer_id)
    present = _present(day) if customer_id is None else _present(day).filter(pk=customer_id)
    return {**_customers(present), **_secrets(day, present), **_runs(day, now, whose)}


def run_ids(sources: Iterator[str]) -> set[uuid.UUID]:
    """The runs that these sources name."""
    return {uuid.UUID(source.removeprefix(RUN)) for source in sources if source.startswith(RUN)}


def _present(day: date) -> QuerySet[Customer]:
    open_then = Q(closed_at=None) | Q(closed_at__gt=day_start(day))
    return Customer.objects.filter(open_then, created_at__lt=day_end(day))


def _customers(present: QuerySet[Customer]) -> Wanted:
    return {(f"customer:{pk}", CUSTOMER_DAY): (pk, Decimal(1)) for pk in present.values_list("pk", flat=True)}


def _secrets(day: date, present: QuerySet[Customer]) -> Wanted:
    held = GmailConnection.objects.filter(tenant__in=present, connected_at__lt=day_end(day))
    return {(f"secret:{pk}", HELD): (pk, Decimal(1)) for pk in held.values_list("tenant_id", flat=True)}


def _runs(day: date, now: datetime, whose: Q) -> Wanted:
    """The records of every run that had a part of its paid time or its end on the day."""
    # The least that is paid may reach over midnight.
    ended = Q(stopped_at__gte=day_start(day) - timedelta(seconds=LEAST_SECONDS))
    runs = AgentRun.objects.filter(whose, ended | ~Q(state__in=AgentRun.ENDED), requested_at__lt=day_end(day))
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
