"""Prices: the list that the company starts with, and looking one up."""

from billing.pricing.lookup import PriceBook, is_monthly, price_book
from billing.pricing.models import model_code

__all__ = ["PriceBook", "is_monthly", "model_code", "price_book"]
