"""CloudWatch: publish measured values.

Owns the one call. What is measured, and how often, is the caller's; each combination of name and dimensions is a metric
of its own, which costs about $0.30 a month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from openclaw_site.aws.clients import client
from openclaw_site.aws.translation import translated

# Of one call; source: CloudWatch API reference, PutMetricData.
AT_MOST: Final = 1000


@dataclass(frozen=True)
class Metric:
    """One value, measured now."""

    name: str
    value: float
    unit: Literal["Count", "Seconds"] = "Count"
    dimensions: Mapping[str, str] = field(default_factory=dict)


def publish(*, namespace: str, metrics: Iterable[Metric]) -> None:
    """The values (AT_MOST of them) stand in CloudWatch under this namespace. Repeated, they count twice in a sum.

    Raises AccessDenied, InvalidRequest, Throttled, Unreachable.
    """
    with translated("PutMetricData"):
        client("cloudwatch").put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": metric.name,
                    "Value": metric.value,
                    "Unit": metric.unit,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions.items()],
                }
                for metric in metrics
            ],
        )
