"""Writes about money. Each keeps its own rule; all run in the platform's context."""

from billing.services.details import billing_details_save
from billing.services.invoices import invoice_cancel, invoice_issue, invoice_mark_paid
from billing.services.lifecycle import subscription_advance, subscription_locked, subscriptions_advance
from billing.services.notices import invoices_unmailed, notices_unmailed
from billing.services.subscriptions import (
    subscription_agree,
    subscription_begin,
    subscription_cancel,
    subscription_change_plan,
    subscription_keep,
    subscriptions_begin,
)

__all__ = [
    "billing_details_save",
    "invoice_cancel",
    "invoice_issue",
    "invoice_mark_paid",
    "invoices_unmailed",
    "notices_unmailed",
    "subscription_advance",
    "subscription_agree",
    "subscription_begin",
    "subscription_cancel",
    "subscription_change_plan",
    "subscription_keep",
    "subscription_locked",
    "subscriptions_advance",
    "subscriptions_begin",
]
