"""Reads about money."""

from billing.selectors.plans import plan_choices, plan_terms
from billing.selectors.subscriptions import (
    Standing,
    invoice_of,
    invoices_of,
    plans_for,
    standing_of,
    subscription_of,
)

__all__ = [
    "Standing",
    "invoice_of",
    "invoices_of",
    "plan_choices",
    "plan_terms",
    "plans_for",
    "standing_of",
    "subscription_of",
]
