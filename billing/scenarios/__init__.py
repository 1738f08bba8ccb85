"""What a month would cost: the sketch's two environments, with scheduled agents too, and what a customer more costs."""

from billing.scenarios.quantities import SCENARIOS
from billing.scenarios.report import scenario_report

__all__ = ["SCENARIOS", "scenario_report"]
