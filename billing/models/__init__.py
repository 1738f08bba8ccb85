"""Tables about money. Each module holds fields, constraints and states; writes live in the services."""

from billing.models.alerts import BudgetAlert, LossAlert
from billing.models.cards import CardAccount, CardPrice, CardVisit, PaymentEvent, VisitKind
from billing.models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceSeries, InvoiceState
from billing.models.notices import Notice, NoticeKind
from billing.models.plans import Plan, RunHours
from billing.models.prices import Price
from billing.models.subscriptions import Payment, Subscription, SubscriptionState
from billing.models.usage import CostEntry, UsageRecord

__all__ = [
    "BudgetAlert",
    "CardAccount",
    "CardPrice",
    "CardVisit",
    "CostEntry",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceSeries",
    "InvoiceState",
    "LossAlert",
    "Notice",
    "NoticeKind",
    "Payment",
    "PaymentEvent",
    "Plan",
    "Price",
    "RunHours",
    "Subscription",
    "SubscriptionState",
    "UsageRecord",
    "VisitKind",
]
