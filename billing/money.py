"""Amounts in a currency's smallest unit, and how people read them. Currencies and their places are Unicode CLDR's."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision, list_currencies
from django.core.exceptions import ValidationError

_LOCALE = "en_US"


def validate_currency(code: str) -> None:
    """Raises ValidationError unless `code` is a currency of ISO 4217, in capitals."""
    if code not in list_currencies():
        raise ValidationError("There is no currency “%(code)s”. Write three capitals, as USD.", params={"code": code})


def amount(minor: int, currency: str) -> Decimal:
    """So much of the currency itself: 1,050 cents are 10.50."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def format_money(minor: int, currency: str) -> str:
    """As a person writes it: $10.50, ¥1,050, -€3.00."""
    return str(format_currency(amount(minor, currency), currency, locale=_LOCALE))


def tax_of(net_minor: int, percent: Decimal) -> int:
    """The tax on an amount, in the same unit; halves are rounded away from zero, as tax offices do."""
    return int((net_minor * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
