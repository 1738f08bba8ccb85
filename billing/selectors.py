"""Reads about money."""

from billing.models import Plan


def plan_choices() -> list[tuple[str, str]]:
    """Codes and names of the plans that new customers can have, cheapest first."""
    return list(Plan.objects.filter(is_active=True).values_list("code", "name"))
