"""Cost Explorer: what AWS itself says that things cost.

Owns the one question that is asked, by a tag's value and service, and the reading of its answer. What was expected is
the caller's. A request costs 0.01 USD, each page one; figures are up to a day old and change until the month is billed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import CostDataMissing, InvalidRequest, QuotaReached, Throttled
from openclaw_site.aws.translation import translated

if TYPE_CHECKING:
    from types_boto3_ce.type_defs import GetCostAndUsageRequestTypeDef

_OPERATION: Final = "GetCostAndUsage"
_METRIC: Final = "UnblendedCost"
_UNIT: Final = "USD"


@dataclass(frozen=True, slots=True)
class TaggedCost:
    """What one service cost under one value of the tag; the value is empty for what carries none."""

    tag_value: str
    service: str
    usd: Decimal
    estimated: bool


def costs_by_tag(*, tag: str, first: date, end: date) -> list[TaggedCost]:
    """Costs of the days from `first` up to, and without, `end`, by the tag's value and service.

    Raises CostDataMissing (Cost Explorer is off, new, or has nothing for these days), AccessDenied, Throttled,
    InvalidRequest (among others where the account is billed in another currency than US dollars).
    """
    sums: dict[tuple[str, str], tuple[Decimal, bool]] = {}
    for period in _periods(tag, first, end):
        for group in period.get("Groups", []):
            key = _key(group["Keys"], tag)
            usd, estimated = sums.get(key, (Decimal(0), False))
            sums[key] = (usd + _usd(group["Metrics"]), estimated or bool(period.get("Estimated")))
    return [TaggedCost(value, service, usd, estimated) for (value, service), (usd, estimated) in sorted(sums.items())]


def _periods(tag: str, first: date, end: date) -> Iterator[Mapping[str, Any]]:
    """Every period of every page. Cost Explorer has no paginator in boto3."""
    request: GetCostAndUsageRequestTypeDef = {
        "TimePeriod": {"Start": first.isoformat(), "End": end.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": [_METRIC],
        "GroupBy": [{"Type": "TAG", "Key": tag}, {"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    while True:
        answer = _ask(request)
        yield from answer.get("ResultsByTime", [])
        token = answer.get("NextPageToken")
        if not token:
            return
        request["NextPageToken"] = token


def _ask(request: GetCostAndUsageRequestTypeDef) -> Mapping[str, Any]:
    try:
        with translated(_OPERATION, missing=CostDataMissing):
            return client("ce").get_cost_and_usage(**request)
    except QuotaReached as error:  # Here the word for too many requests.
        raise Throttled(str(error), code=error.code) from None
    except InvalidRequest as error:
        if error.code in ("DataUnavailableException", "BillExpirationException"):
            raise CostDataMissing(str(error), code=error.code) from None
        raise


def _key(keys: list[str], tag: str) -> tuple[str, str]:
    """The tag's value and the service; Cost Explorer writes the former as `TenantID$value`."""
    value, service = keys
    return value.removeprefix(f"{tag}$"), service


def _usd(metrics: Mapping[str, Any]) -> Decimal:
    cost = metrics[_METRIC]
    if cost["Unit"] != _UNIT:
        raise InvalidRequest(
            f"the account is billed in {cost['Unit']}, not in {_UNIT}",
            operation=_OPERATION,
            next_action="Compare by hand: this program has no exchange rates.",
        )
    return Decimal(cost["Amount"])
