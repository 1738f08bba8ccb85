"""What a stranger can buy, as the prices page shows it."""

from dataclasses import dataclass

from billing.models import Plan
from billing.money import format_money


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that is sold: its price in words, and what is in it."""

    code: str
    name: str
    price: str
    trial_days: int
    members_limit: int | None
    rhythm: str
    model_budget: str
    mail_retention_days: int


def offers() -> list[Offer]:
    """The plans that new customers can have, cheapest first."""
    return [
        Offer(
            code=plan.code,
            name=plan.name,
            price=plan.price,
            trial_days=plan.trial_days,
            members_limit=plan.members_limit,
            rhythm=plan.rhythm,
            model_budget=format_money(plan.model_budget_cents, "USD"),
            mail_retention_days=plan.mail_retention_days,
        )
        for plan in Plan.objects.filter(is_active=True)
    ]
