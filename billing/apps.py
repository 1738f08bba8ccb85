"""Money: plans now; subscriptions, usage, cost and invoices stand on them."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The app of plans."""

    name = "billing"
    verbose_name = "Billing"
