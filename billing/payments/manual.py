"""Paid by transfer: the invoice goes out by mail with the bank's details, and staff mark it when the money is there."""

from django.db import transaction

from billing.models import Invoice, Subscription


class ManualPayment:
    """The default. Nothing is taken from anybody."""

    def collect(self, *, invoice: Invoice) -> None:
        """The invoice is mailed. With the broker away it stands in the portal all the same."""
        from billing.tasks import invoice_mail_send

        transaction.on_commit(lambda: invoice_mail_send.delay(str(invoice.pk)), robust=True)

    def follow(self, *, subscription: Subscription) -> None:
        """Nobody else knows of the subscription."""
        del subscription

    def advice(self, *, invoice: Invoice) -> str:
        """By transfer, with the number, so that staff find it."""
        return f"Please transfer the total with the number {invoice.number}."
