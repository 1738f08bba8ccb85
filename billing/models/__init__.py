"""Tables about money. Each module holds fields, constraints and states; writes live in the services."""

from billing.models.alerts import BudgetAlert, LossAlert
from billing.models.plans import Plan
from billing.models.prices import Price
from billing.models.usage import CostEntry, UsageRecord

__all__ = ["BudgetAlert", "CostEntry", "LossAlert", "Plan", "Price", "UsageRecord"]
