"""What a customer's plan says of its agents. Billing owns plans; AGENTS_PLAN_TERMS names the function that tells.

Needs the platform's context.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

from agents.errors import PlanMissing

MICRO_USD_A_CENT: Final = 10_000


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """How often and when agents look, what all three may spend on the model a month, how long mail is kept."""

    run_interval_minutes: int
    model_budget_cents: int
    mail_retention_days: int
    in_office_hours: bool

    @property
    def model_budget_micro_usd(self) -> int:
        """The budget in millionths of a US dollar, as the agents count."""
        return self.model_budget_cents * MICRO_USD_A_CENT

    def office_hours_in(self, time_zone: str) -> str:
        """Agent.office_hours_in for a customer in this time zone; empty: around the clock."""
        return time_zone if self.in_office_hours else ""


def plan_terms() -> Mapping[str, PlanTerms]:
    """The terms of every plan that a customer may have, by the plan's code. One query."""
    terms: Mapping[str, PlanTerms] = import_string(settings.AGENTS_PLAN_TERMS)()
    return terms


def terms_of(plan: str) -> PlanTerms:
    """The terms of the plan with this code. Raises PlanMissing when there is none."""
    terms = plan_terms().get(plan)
    if terms is None:
        raise PlanMissing(f"There is no plan “{plan}”.", next_action=f"Make a plan with the code “{plan}” again.")
    return terms
