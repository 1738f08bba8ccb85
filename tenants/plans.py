"""Which plans a customer can have, and how many people. Billing owns plans; settings name its functions."""

from django.conf import settings
from django.utils.module_loading import import_string


def plan_choices() -> list[tuple[str, str]]:
    """Codes of the plans that new customers can have, each with what to call it."""
    choices: list[tuple[str, str]] = import_string(settings.TENANTS_PLAN_CATALOG)()
    return choices


def members_limit(*, plan: str) -> int | None:
    """How many people may belong to a customer with this plan; None: as many as it likes."""
    limit: int | None = import_string(settings.TENANTS_PLAN_MEMBERS)(plan=plan)
    return limit


def region_choices() -> list[tuple[str, str]]:
    """The AWS regions that customers can be put into."""
    return [(region, region) for region in settings.CUSTOMER_REGIONS]
