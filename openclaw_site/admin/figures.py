"""What a customer's model has cost this month, against its plan's budget."""

from dataclasses import dataclass
from datetime import datetime

from django.db.utils import ProgrammingError
from django.utils import timezone

from agents.errors import AgentError
from agents.models import AgentRole
from agents.months import month_start, next_month_start
from agents.plans import terms_of
from agents.selectors import month_costs_by_role
from agents.words import usd
from openclaw_site.admin.customer_page import has_schema
from tenants.models import Customer


@dataclass(frozen=True, slots=True)
class ModelMonth:
    """A customer's model this month: what was spent, by role, and what may be."""

    spent_micro_usd: int
    budget_micro_usd: int
    by_role: list[tuple[str, str]]
    began_at: datetime
    ends_at: datetime

    @property
    def spent(self) -> str:
        """In US dollars."""
        return usd(self.spent_micro_usd)

    @property
    def budget(self) -> str:
        """In US dollars."""
        return usd(self.budget_micro_usd)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left, so that its agents wait."""
        return self.spent_micro_usd >= self.budget_micro_usd

    @property
    def percent(self) -> int:
        """Of the budget, at most 100."""
        if self.is_spent:
            return 100
        return self.spent_micro_usd * 100 // self.budget_micro_usd


def model_month(customer: Customer) -> ModelMonth | None:
    """What the customer's agents spent on the model since the month began; None without a schema or a plan."""
    if not has_schema(customer):
        return None
    now = timezone.now()
    try:
        budget = terms_of(customer.plan).model_budget_micro_usd
        costs = month_costs_by_role(customer_id=customer.pk, now=now)
    except (AgentError, ProgrammingError):
        return None
    roles = dict(AgentRole.choices)
    return ModelMonth(
        spent_micro_usd=sum(costs.values()),
        budget_micro_usd=budget,
        by_role=[(roles.get(role, role), usd(cost)) for role, cost in costs.items()],
        began_at=month_start(now),
        ends_at=next_month_start(now),
    )
