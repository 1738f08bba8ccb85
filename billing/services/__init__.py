"""Writes about money. Each module says what it owns; all need the platform's context."""

from billing.services.alerts import BUDGET, LOSS, alert_mail, budget_alerts_check, loss_alerts_check
from billing.services.costs import costs_derive
from billing.services.metering import Metered, customer_meter, days_to_meter, usage_meter
from billing.services.storage import storage_meter

__all__ = [
    "BUDGET",
    "LOSS",
    "Metered",
    "alert_mail",
    "budget_alerts_check",
    "costs_derive",
    "customer_meter",
    "days_to_meter",
    "loss_alerts_check",
    "storage_meter",
    "usage_meter",
]
