"""Reads about plans."""

from agents.plans import PlanTerms
from billing.models import Plan, RunHours


def plan_choices() -> list[tuple[str, str]]:
    """Codes of the plans that new customers can have, cheapest first, each with its name and price."""
    return [(plan.code, f"{plan.name}, {plan.price} a month") for plan in Plan.objects.filter(is_active=True)]


def plan_terms() -> dict[str, PlanTerms]:
    """What each plan says of its customers' agents, by code; plans that nobody new can have are among them."""
    return {
        plan.code: PlanTerms(
            run_interval_minutes=plan.run_interval_minutes,
            model_budget_cents=plan.model_budget_cents,
            mail_retention_days=plan.mail_retention_days,
            in_office_hours=plan.run_hours == RunHours.OFFICE,
        )
        for plan in Plan.objects.all()
    }


def members_limit(*, plan: str) -> int | None:
    """How many people may belong to a customer with this plan; None: as many as it likes. Any context."""
    return Plan.objects.filter(code=plan).values_list("members_limit", flat=True).first()
