"""Which model an agent uses and what it may cost, from the environment. Owns these variables' names and forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.runtime.bridge.meter import Usage
from agents.runtime.bridge.prices import UnknownModel, cost_micro_usd
from agents.runtime.bridge.upstream import ANTHROPIC_API, AnthropicUpstream, BedrockUpstream, Upstream
from agents.runtime.config import ConfigError, safe_origin
from agents.runtime.egress import EgressProxy


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """One model. An API key means Anthropic's own API, none means Bedrock; an empty endpoint is theirs."""

    model: str
    region: str
    endpoint: str
    budget_micro_usd: int
    api_key: str = field(repr=False)
    proxy: EgressProxy | None = None

    def upstream(self) -> Upstream:
        """The way to it; the caller closes it."""
        if self.api_key:
            return AnthropicUpstream(self.api_key, self.endpoint or ANTHROPIC_API, proxy=self.proxy)
        return BedrockUpstream(self.region, self.endpoint or None, proxy=self.proxy)


def read_model_settings(environ: Mapping[str, str]) -> ModelSettings:
    """MODEL_ID, MODEL_REGION (by default AWS_REGION), MODEL_ENDPOINT, ANTHROPIC_API_KEY and MODEL_BUDGET_MICRO_USD.

    A budget of 0 is one of which nothing is left. Raises ConfigError with one line for each that is not usable.
    """
    values = {name: environ.get(name, "").strip() for name in _NAMES}
    region = values["MODEL_REGION"] or values["AWS_REGION"]
    endpoint, budget = values["MODEL_ENDPOINT"].rstrip("/"), values["MODEL_BUDGET_MICRO_USD"]
    problems = [f"{name} is missing" for name in ("MODEL_ID", "MODEL_BUDGET_MICRO_USD") if not values[name]]
    if not region and not values["ANTHROPIC_API_KEY"]:
        problems.append("MODEL_REGION is missing")
    if endpoint and not safe_origin(endpoint):
        problems.append("MODEL_ENDPOINT must be an https address (http on loopback only)")
    if budget and not (budget.isascii() and budget.isdigit()):
        problems.append("MODEL_BUDGET_MICRO_USD must be a whole number of millionths of a US dollar")
    if values["MODEL_ID"]:
        try:
            cost_micro_usd(values["MODEL_ID"], Usage())
        except UnknownModel as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return ModelSettings(
        model=values["MODEL_ID"],
        region=region,
        endpoint=endpoint,
        budget_micro_usd=int(budget),
        api_key=values["ANTHROPIC_API_KEY"],
    )


_NAMES = ("MODEL_ID", "MODEL_REGION", "AWS_REGION", "MODEL_ENDPOINT", "ANTHROPIC_API_KEY", "MODEL_BUDGET_MICRO_USD")
