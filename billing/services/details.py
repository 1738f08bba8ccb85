"""What stands on a customer's invoices besides its plan. The customer's own context, or the platform's."""

from billing.models import Subscription

FIELDS = ("billing_name", "billing_address", "tax_id", "billing_email")


def billing_details_save(*, subscription: Subscription, name: str, address: str, tax_id: str, email: str) -> None:
    """Invoices say this from the next one on. Safe to repeat."""
    values = dict(zip(FIELDS, (name.strip(), address.strip(), tax_id.strip(), email.strip().lower()), strict=True))
    Subscription.objects.filter(pk=subscription.pk).update(**values)
