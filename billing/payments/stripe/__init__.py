"""Paid by card, every month, at Stripe: it takes the money by its own subscription, and the invoices are ours.

`api` is the one place that speaks with Stripe; `remote` is what it tells. What follows from that is in
`billing.services.cards`.
"""

import uuid

from django.db import transaction

from billing.models import Invoice, Subscription
from billing.payments.manual import ManualPayment


class StripePayment(ManualPayment):
    """The invoice is mailed as any other; Stripe takes the money by itself and tells when it has."""

    def follow(self, *, subscription: Subscription) -> None:
        """Stripe's side is brought to ours. With the broker away the sweep does it."""
        from billing.tasks import card_account_follow

        pk: uuid.UUID = subscription.pk
        transaction.on_commit(lambda: card_account_follow.delay(str(pk)), robust=True)

    def advice(self, *, invoice: Invoice) -> str:
        """How the customer is to pay it."""
        del invoice
        return "It is charged to your card."
