"""Periods and amounts: by the calendar, in the smallest unit."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.money import format_money, tax_of, validate_currency
from billing.periods import next_period


@pytest.mark.parametrize(
    ("start", "anchor", "after"),
    [
        (date(2026, 1, 10), 10, date(2026, 2, 10)),
        (date(2026, 1, 31), 31, date(2026, 2, 28)),
        (date(2026, 2, 28), 31, date(2026, 3, 31)),
        (date(2028, 1, 30), 30, date(2028, 2, 29)),
        (date(2026, 12, 31), 31, date(2027, 1, 31)),
        # The clocks change on 29 March and 25 October; a date does not notice.
        (date(2026, 3, 29), 29, date(2026, 4, 29)),
        (date(2026, 10, 25), 25, date(2026, 11, 25)),
    ],
)
def test_a_period_ends_on_the_anchor_or_the_month_s_last_day(start: date, anchor: int, after: date) -> None:
    assert next_period(start, anchor) == after


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [(50_000, "USD", "$500.00"), (50_000, "JPY", "¥50,000"), (-1, "EUR", "-€0.01"), (1_500, "KWD", "KWD1.500")],
)
def test_an_amount_is_written_with_its_currency_s_places(minor: int, currency: str, written: str) -> None:
    assert format_money(minor, currency).replace("\xa0", "") == written


def test_what_is_no_currency_is_refused() -> None:
    for text in ("usd", "XXZ", ""):
        with pytest.raises(ValidationError, match="There is no currency"):
            validate_currency(text)


def test_half_a_cent_of_tax_is_rounded_away_from_zero() -> None:
    assert [tax_of(net, Decimal(10)) for net in (5, 15, -5, 4)] == [1, 2, -1, 0]
