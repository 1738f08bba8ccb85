"""A chart of the front page: one or more series over the same labels, drawn by unfold, and the same as a table."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

_INK: Final = "#6b7280"  # To be read on light and on dark.
# In the order of the series; told apart by their dashes, too.
_LOOKS: Final[tuple[tuple[str, list[int]], ...]] = (
    ("var(--color-primary-500)", []),
    ("#64748b", [6, 3]),
    ("#1d7a45", [2, 2]),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """Values by the series' name, each with one value a label. `numbers` are title, number and where it leads."""

    title: str
    kind: str
    url: str
    labels: list[str]
    series: dict[str, list[float]]
    unit: str = ""
    numbers: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def data(self) -> str:
        """Chart.js's data."""
        drawn = [
            {
                "label": name,
                "data": values,
                "borderColor": colour,
                "backgroundColor": colour,
                "borderDash": dashes,
                "borderRadius": 4,
                "maxBarThickness": 56,
                "pointRadius": 0,
            }
            for (name, values), (colour, dashes) in zip(self.series.items(), _LOOKS, strict=False)
        ]
        return json.dumps({"labels": self.labels, "datasets": drawn})

    @property
    def options(self) -> str:
        """Chart.js's options: both axes with their figures, the unit beside them, and which line is which."""
        ticks: dict[str, Any] = {"color": _INK, "maxTicksLimit": 6, "precision": 0}
        axes = {
            "x": {"ticks": {**ticks, "maxTicksLimit": 8, "maxRotation": 0}, "grid": {"display": False}},
            "y": {
                "beginAtZero": True,
                "ticks": ticks,
                "grid": {},
                "title": {"display": True, "text": self.unit, "color": _INK},
            },
        }
        legend = {"display": len(self.series) > 1, "position": "bottom", "labels": {"color": _INK, "boxHeight": 2}}
        return json.dumps(
            {"animation": False, "maintainAspectRatio": False, "plugins": {"legend": legend}, "scales": axes}
        )

    @property
    def table(self) -> list[tuple[str, list[float]]]:
        """Label and values of each point that has any."""
        rows = zip(self.labels, zip(*self.series.values(), strict=True), strict=True)
        return [(label, list(values)) for label, values in rows if any(values)]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(any(values) for values in self.series.values())
