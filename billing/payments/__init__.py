"""The ways to be paid, behind one interface. A subscription names its own (`Subscription.payment`)."""

from collections.abc import Mapping
from typing import Final, Protocol

from billing.models import Invoice, Payment, Subscription
from billing.payments.manual import ManualPayment
from billing.payments.stripe import StripePayment


class PaymentProvider(Protocol):
    """What each way to be paid can do. Called inside the transaction that changes ours: it may only queue."""

    def collect(self, *, invoice: Invoice) -> None:
        """See to it that the customer is asked for the money, once the transaction holds. Safe to repeat."""

    def follow(self, *, subscription: Subscription) -> None:
        """See to it that the provider learns of a wish or a state, once the transaction holds. Safe to repeat."""

    def advice(self, *, invoice: Invoice) -> str:
        """How the customer is to pay an open invoice, in a sentence."""


_PROVIDERS: Final[Mapping[str, PaymentProvider]] = {Payment.MANUAL: ManualPayment(), Payment.STRIPE: StripePayment()}


def provider_of(subscription: Subscription) -> PaymentProvider:
    """How this customer pays."""
    return _PROVIDERS[subscription.payment]
