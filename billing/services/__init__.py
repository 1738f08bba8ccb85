"""Writes about money. Each module says what it owns; those about a customer's wishes run in its own context too."""

from billing.services.alerts import BUDGET, LOSS, alert_mail, budget_alerts_check, loss_alerts_check
from billing.services.cards import (
    card_account_follow,
    card_accounts_behind,
    card_event_apply,
    card_event_take,
    card_events_again,
    card_events_replay,
    card_events_waiting,
    card_traces_forget,
    card_visit_answer,
    card_visit_begin,
)
from billing.services.costs import costs_derive
from billing.services.details import billing_details_save
from billing.services.invoices import invoice_cancel, invoice_issue, invoice_mark_paid
from billing.services.lifecycle import subscription_advance, subscription_locked, subscriptions_advance
from billing.services.metering import Metered, customer_meter, days_to_meter, usage_meter
from billing.services.notices import invoices_unmailed, notices_unmailed
from billing.services.storage import storage_meter
from billing.services.subscriptions import (
    subscription_agree,
    subscription_begin,
    subscription_cancel,
    subscription_change_plan,
    subscription_keep,
    subscriptions_begin,
)

__all__ = [
    "BUDGET",
    "LOSS",
    "Metered",
    "alert_mail",
    "billing_details_save",
    "budget_alerts_check",
    "card_account_follow",
    "card_accounts_behind",
    "card_event_apply",
    "card_event_take",
    "card_events_again",
    "card_events_replay",
    "card_events_waiting",
    "card_traces_forget",
    "card_visit_answer",
    "card_visit_begin",
    "costs_derive",
    "customer_meter",
    "days_to_meter",
    "invoice_cancel",
    "invoice_issue",
    "invoice_mark_paid",
    "invoices_unmailed",
    "loss_alerts_check",
    "notices_unmailed",
    "storage_meter",
    "subscription_advance",
    "subscription_agree",
    "subscription_begin",
    "subscription_cancel",
    "subscription_change_plan",
    "subscription_keep",
    "subscription_locked",
    "subscriptions_advance",
    "subscriptions_begin",
    "usage_meter",
]
