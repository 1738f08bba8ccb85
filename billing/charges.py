"""What a month of a plan costs one customer, with its tax. The one sum, for invoices and for cards alike."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from billing.models import Plan, Subscription
from billing.money import tax_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Amounts in the currency's smallest unit."""

    net_minor: int
    tax_percent: Decimal
    tax_minor: int
    currency: str

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.net_minor + self.tax_minor


def charge_of(*, subscription: Subscription, plan: Plan) -> Charge:
    """A month of this plan at the price of now, and at the customer's own rate of tax where it has one."""
    percent: Decimal = settings.INVOICE_TAX_PERCENT if subscription.tax_percent is None else subscription.tax_percent
    tax = tax_of(plan.price_cents, percent)
    return Charge(net_minor=plan.price_cents, tax_percent=percent, tax_minor=tax, currency=plan.currency)
