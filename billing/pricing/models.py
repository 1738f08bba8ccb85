"""Which prices a model's tokens have."""

from typing import Final

from agents.runtime.bridge.prices import price_key

TOKEN_KINDS: Final = ("input_token", "output_token", "cache_read_token", "cache_write_token")
REGIONAL: Final = "-regional"


def model_code(model: str, kind: str) -> str:
    """The code of a model's price for one of TOKEN_KINDS, by the id that the agents ask it by.

    Bedrock's price for a model that stays in one geography has a code of its own. Raises
    agents.runtime.bridge.prices.UnknownModel.
    """
    name, is_regional = price_key(model)
    return f"model.{name}{REGIONAL if is_regional else ''}.{kind}"
