"""Whether a stranger may have a subdomain: one that a customer may have at all, and free."""

from django.core.exceptions import ValidationError

from tenants.models import Customer
from tenants.validators import validate_subdomain


def subdomain_check(value: str) -> None:
    """Raise ValidationError, with the reason in words, unless a new customer may have it now.

    It may be gone a moment later: what holds is the unique constraint, when the customer is made.
    """
    validate_subdomain(value)
    if Customer.objects.filter(slug=value).exists():
        raise ValidationError("Another company has this address already. Choose another.", code="unique")
