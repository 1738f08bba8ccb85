"""The ways to be paid, behind one interface. A subscription names its own (`Subscription.payment`)."""

from collections.abc import Mapping
from typing import Final, Protocol

from billing.models import Invoice, Subscription
from billing.payments.manual import ManualPayment


class PaymentProvider(Protocol):
    """What each way to be paid can do. Called inside the transaction that issues: it may only queue."""

    def collect(self, *, invoice: Invoice) -> None:
        """See to it that the customer is asked for the money, once the transaction holds. Safe to repeat."""


_PROVIDERS: Final[Mapping[str, PaymentProvider]] = {"manual": ManualPayment()}


def provider_of(subscription: Subscription) -> PaymentProvider:
    """How this customer pays."""
    return _PROVIDERS[subscription.payment]
