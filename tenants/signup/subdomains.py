"""Whether a stranger may have a subdomain: well formed, free, and not passing for one that is ours."""

from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError

from tenants.models import Customer
from tenants.validators import RESERVED_SUBDOMAINS, validate_subdomain

# Characters that look alike in a browser's address line, each as the one that stands for them all.
_ALIKE: Final = str.maketrans({"0": "o", "1": "i", "l": "i", "3": "e", "5": "s", "-": ""})


def subdomain_check(value: str) -> None:
    """Raise ValidationError, with the reason in words, unless a new customer may have it now.

    It may be gone a moment later: what holds is the unique constraint, when the customer is made.
    """
    validate_subdomain(value)
    if _shape(value) in {_shape(name) for name in {*RESERVED_SUBDOMAINS, *settings.RESERVED_SUBDOMAINS}}:
        raise ValidationError("This could be taken for one of our own addresses. Choose another.", code="reserved")
    if Customer.objects.filter(slug=value).exists():
        raise ValidationError("Another company has this address already. Choose another.", code="unique")


def _shape(value: str) -> str:
    return value.replace("rn", "m").replace("vv", "w").translate(_ALIKE)
