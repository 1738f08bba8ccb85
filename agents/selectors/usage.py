"""What agents used of the model, and what their engine did, as they wrote it into their customer's schema.

Enters the platform's context with the customer's schema by itself: it reads figures, never what the mail says. All of
it raises django.db.ProgrammingError when the customer has no schema.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Sum

from agents.models import AgentRun
from agents.months import month_start
from agents.workspace.models import Activity, ModelUsage
from tenants.isolation.context import enter_platform

ENGINE_RAN: Final = "engine_ran"
TOOL_REFUSED: Final = "tool_refused"

# More than a run of a month has of a kind; a bound, as an agent writes them.
_MOST_ACTIVITIES: Final = 10_000
# The most that the columns of a run hold.
_MOST: Final = 2**31 - 1
_MOST_LETTERS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What one run used, under the names of AgentRun's fields."""

    model: str
    model_calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_micro_usd: int
    engine_seconds: int
    engine_peak_mib: int | None
    tool_refusals: int


def month_cost_micro_usd(*, customer_id: uuid.UUID, now: datetime) -> int:
    """What all of the customer's agents spent on the model since the month of `now` began."""
    with enter_platform(customer_id):
        total = _of_month(customer_id, now).aggregate(total=Sum("cost_micro_usd", default=0))["total"]
    return int(total)


def month_costs_by_role(*, customer_id: uuid.UUID, now: datetime) -> dict[str, int]:
    """The same for each role that spent anything, in millionths of a US dollar."""
    with enter_platform(customer_id):
        costs = _of_month(customer_id, now).values_list("agent_role").annotate(Sum("cost_micro_usd"))
        return dict(costs.order_by("agent_role"))


def run_figures(*, run: AgentRun) -> RunFigures:
    """What the run used so far, summed over its ticks."""
    # Rows of the run are younger than the run: the date leads to the index.
    its = {"tenant_id": run.tenant_id, "created_at__gte": run.requested_at, "agent_run_id": run.pk}
    with enter_platform(run.tenant_id):
        used = ModelUsage.objects.filter(**its).aggregate(
            model=Max("model", default=""),  # A task has one: its definition names it.
            model_calls=Sum("calls", default=0),
            input_tokens=Sum("input_tokens", default=0),
            output_tokens=Sum("output_tokens", default=0),
            cache_read_tokens=Sum("cache_read_tokens", default=0),
            cache_write_tokens=Sum("cache_write_tokens", default=0),
            cost_micro_usd=Sum("cost_micro_usd", default=0),
        )
        turns = _told(ENGINE_RAN, its)
        refusals = _told(TOOL_REFUSED, its)
    peaks = [peak for turn in turns if (peak := _number(turn, "peak_rss_mib")) is not None]
    used["model"] = used["model"][:_MOST_LETTERS]
    return RunFigures(
        **used,
        engine_seconds=min(sum(_number(turn, "seconds") or 0 for turn in turns), _MOST),
        engine_peak_mib=max(peaks, default=None),
        # An activity stands for one call, or for as many as it says.
        tool_refusals=min(sum(_number(refusal, "times") or 1 for refusal in refusals), _MOST),
    )


def _of_month(customer_id: uuid.UUID, now: datetime) -> Any:
    return ModelUsage.objects.filter(tenant_id=customer_id, created_at__gte=month_start(now))


def _told(kind: str, its: dict[str, Any]) -> list[Any]:
    """What a run's activities of this kind say."""
    return list(Activity.objects.filter(**its, kind=kind).values_list("data", flat=True)[:_MOST_ACTIVITIES])


def _number(activity: Any, name: str) -> int | None:
    """A figure that an agent wrote, if it is one."""
    value = activity.get(name) if isinstance(activity, dict) else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _MOST:
        return None
    return round(value)
