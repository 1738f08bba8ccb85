"""Looking prices up: the one that is in force on a day, in a region. Needs the platform's context."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billing.days import days_in_month
from billing.errors import PriceMissing
from billing.models import Price

MICRO: Final = 1_000_000


def is_monthly(code: str) -> bool:
    """Whether the price is asked for a month, so that each day pays its part."""
    return code.endswith("month")


@dataclass(frozen=True)
class PriceBook:
    """The prices in force on one day."""

    day: date
    prices: dict[tuple[str, str], Price]

    def find(self, code: str, region: str) -> Price:
        """The price of the region, or else that of everywhere. Raises PriceMissing, which says what to add."""
        found = self.prices.get((code, region)) or self.prices.get((code, ""))
        if found is None:
            raise PriceMissing.of(code, region, self.day)
        return found

    def micro_usd(self, *, code: str, region: str, quantity: Decimal) -> int:
        """What so much of it costs on this day, to the nearest millionth of a dollar.

        Of a monthly price this is the day's part. The parts are rounded so that those of a whole month, with the same
        quantity each day, make exactly the price of the month.
        """
        whole = self.exact(code=code, region=region, quantity=quantity)
        return month_part(whole, self.day) if is_monthly(code) else round(whole)

    def exact(self, *, code: str, region: str, quantity: Decimal) -> Fraction:
        """What so much of it costs, unrounded, in millionths of a dollar; for a whole month where the price is."""
        price = self.find(code, region)
        return Fraction(quantity) * Fraction(price.usd) * MICRO / price.per


def month_part(whole: Fraction, day: date) -> int:
    """The day's part of a month's amount. The parts of all its days make the rounded whole."""
    days = days_in_month(day)
    return round(whole * day.day / days) - round(whole * (day.day - 1) / days)


def price_book(*, day: date) -> PriceBook:
    """The prices in force on the day, in one query."""
    return PriceBook(day, in_force(Price.objects.filter(valid_from__lte=day).order_by("valid_from")))


def in_force(prices: Iterable[Price]) -> dict[tuple[str, str], Price]:
    """The newest of each code and region, from prices in the order of their dates."""
    return {(price.code, price.region): price for price in prices}
