"""Reads about money. Each module says which context it needs."""

from billing.selectors.costs import Cost, costs_by_customer, costs_by_day, costs_by_kind
from billing.selectors.forecast import Forecast, forecasts
from billing.selectors.history import Used, usage_by_day, usage_by_month
from billing.selectors.margin import Margin, margin_by_customer, margin_by_plan, margin_total
from billing.selectors.plans import members_limit, plan_choices, plan_terms
from billing.selectors.reconcile import Difference, differences
from billing.selectors.recurring import recurring_revenue, subscriptions_by_state
from billing.selectors.revenue import Revenue, revenue, revenue_by_day
from billing.selectors.subscriptions import (
    CardChoices,
    Standing,
    card_choices,
    card_visit_of,
    invoice_of,
    invoices_of,
    plans_for,
    standing_of,
    subscription_of,
)
from billing.selectors.usage import UsageLine, usage_in_words, usage_of_month

__all__ = [
    "CardChoices",
    "Cost",
    "Difference",
    "Forecast",
    "Margin",
    "Revenue",
    "Standing",
    "UsageLine",
    "Used",
    "card_choices",
    "card_visit_of",
    "costs_by_customer",
    "costs_by_day",
    "costs_by_kind",
    "differences",
    "forecasts",
    "invoice_of",
    "invoices_of",
    "margin_by_customer",
    "margin_by_plan",
    "margin_total",
    "members_limit",
    "plan_choices",
    "plan_terms",
    "plans_for",
    "recurring_revenue",
    "revenue",
    "revenue_by_day",
    "standing_of",
    "subscription_of",
    "subscriptions_by_state",
    "usage_by_day",
    "usage_by_month",
    "usage_in_words",
    "usage_of_month",
]
