"""The model bridge: the engine's only way to the model, with the credentials, the meter and the budget on our side."""

from agents.runtime.bridge.budget import Budget
from agents.runtime.bridge.errors import Refused
from agents.runtime.bridge.loop_breaker import LoopBreaker
from agents.runtime.bridge.meter import Usage
from agents.runtime.bridge.prices import UnknownModel, cost_micro_usd
from agents.runtime.bridge.server import ModelBridge
from agents.runtime.bridge.settings import ModelSettings, read_model_settings
from agents.runtime.bridge.upstream import AnthropicUpstream, BedrockUpstream, Limits, Upstream, UpstreamFailed

__all__ = [
    "AnthropicUpstream",
    "BedrockUpstream",
    "Budget",
    "Limits",
    "LoopBreaker",
    "ModelBridge",
    "ModelSettings",
    "Refused",
    "UnknownModel",
    "Upstream",
    "UpstreamFailed",
    "Usage",
    "cost_micro_usd",
    "read_model_settings",
]
