"""What a model's tokens cost. Owns the price list, its date and its source; money is in millionths of a US dollar.

Anthropic's list prices, which Bedrock's are alike for these models: platform.claude.com/docs/en/about-claude/pricing
("Model pricing", "Third-party platform pricing"). From Claude 4.5 on, Bedrock asks 10 % more for a model that stays
in one region or geography (`eu.anthropic…`, `anthropic…`) than for a global one (`global.anthropic…`).
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from agents.runtime.bridge.meter import Usage
from agents.runtime.config import ConfigError

PRICES_AS_OF: Final = date(2026, 11, 24)
REGIONAL_PERCENT: Final = 110

_MILLION: Final = 1_000_000
_ID: Final = re.compile(
    r"(?:arn:aws[a-z-]*:bedrock:[^/]*/)?(?P<place>(?:(?P<geography>[a-z-]+)\.)?anthropic\.)?"
    r"(?P<name>claude-[a-z]+-\d+(?:-\d{1,2})?)(?:-\d{8})?(?:-v\d+(?::\d+)?)?"
)


class UnknownModel(ConfigError):
    """There is no price for this model, so no budget could be kept with it."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """Micro-USD a million tokens; a cache write lives five minutes."""

    input: int
    output: int
    cache_write: int
    cache_read: int


PRICES: Final = {
    "claude-haiku-4-5": Price(input=1_000_000, output=5_000_000, cache_write=1_250_000, cache_read=100_000),
    "claude-sonnet-4-5": Price(input=3_000_000, output=15_000_000, cache_write=3_750_000, cache_read=300_000),
}


def cost_micro_usd(model: str, usage: Usage) -> int:
    """What the usage costs, rounded up to a whole micro-USD. UnknownModel, naming it: it has no price here."""
    price, percent = _price(model)
    total = (
        usage.input_tokens * price.input
        + usage.output_tokens * price.output
        + usage.cache_write_tokens * price.cache_write
        + usage.cache_read_tokens * price.cache_read
    )
    return -(-total * percent // (_MILLION * 100))


def price_key(model: str) -> tuple[str, bool]:
    """The name in PRICES of a model's id at Anthropic or Bedrock, and whether it stays in one region or geography.

    Raises UnknownModel, naming the id.
    """
    found = _ID.fullmatch(model)
    if found is None or found["name"] not in PRICES:
        raise UnknownModel([f"MODEL_ID {model!r} has no price (known: {', '.join(PRICES)})"])
    return found["name"], found["place"] is not None and found["geography"] != "global"


def _price(model: str) -> tuple[Price, int]:
    """The price of a model by its id at Anthropic or Bedrock, with what Bedrock asks of it in per cent."""
    name, is_regional = price_key(model)
    return PRICES[name], REGIONAL_PERCENT if is_regional else 100
