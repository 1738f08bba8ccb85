"""Which plans a customer can have. Billing owns them; TENANTS_PLAN_CATALOG names the function that lists."""

from django.conf import settings
from django.utils.module_loading import import_string


def plan_choices() -> list[tuple[str, str]]:
    """Codes and names of the plans that new customers can have."""
    choices: list[tuple[str, str]] = import_string(settings.TENANTS_PLAN_CATALOG)()
    return choices


def region_choices() -> list[tuple[str, str]]:
    """The AWS regions that customers can be put into."""
    return [(region, region) for region in settings.CUSTOMER_REGIONS]
