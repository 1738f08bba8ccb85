"""What a stranger can buy, as the prices page shows it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from billing.models import Plan

# ISO 4217's exponents other than 2, for currencies that are in use.
_WITHOUT_MINOR: Final = """
BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
"""
_IN_THOUSANDTHS: Final = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_DIGITS: Final = {
    **dict.fromkeys(_WITHOUT_MINOR.split(), 0),
    **dict.fromkeys(_IN_THOUSANDTHS.split(), 3),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that is sold: its price in words, and what is in it."""

    code: str
    name: str
    price: str
    trial_days: int
    run_interval_minutes: int
    model_budget: str
    mail_retention_days: int


def offers() -> list[Offer]:
    """The plans that new customers can have, cheapest first."""
    return [
        Offer(
            code=plan.code,
            name=plan.name,
            price=amount(plan.price_cents, plan.currency),
            trial_days=int(getattr(plan, "trial_days", 0) or 0),
            run_interval_minutes=plan.run_interval_minutes,
            model_budget=amount(plan.model_budget_cents, "USD"),
            mail_retention_days=plan.mail_retention_days,
        )
        for plan in Plan.objects.filter(is_active=True)
    ]


def amount(minor_units: int, currency: str) -> str:
    """An amount in words, as `199 USD`, `1,299.50 EUR` or `900 JPY`, which has no smaller unit."""
    digits = _MINOR_DIGITS.get(currency, 2)
    value = Decimal(minor_units).scaleb(-digits)
    return f"{value:,.0f} {currency}" if value == value.to_integral_value() else f"{value:,.{digits}f} {currency}"
