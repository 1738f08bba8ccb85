"""What an agent works with beside its customer's things: the engine's program and a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from agents.runtime.bridge.settings import ModelSettings, read_model_settings
from agents.runtime.config import Config, ConfigError, read_config
from agents.runtime.egress import EgressProxy, read_egress
from agents.runtime.engine.settings import EngineSettings, read_engine_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Equipment:
    """The engine, the model with what it may cost, and the way out where there is a wall."""

    engine: EngineSettings
    model: ModelSettings
    proxy: EgressProxy | None = None


def read_environment(environ: Mapping[str, str]) -> tuple[Config, Equipment]:
    """The whole environment of an agent. Raises ConfigError naming all that is wrong with it, values left out."""
    problems: list[str] = []
    config = _read(read_config, environ, problems)
    engine = _read(read_engine_settings, environ, problems)
    model = _read(read_model_settings, environ, problems)
    proxy = _read(read_egress, environ, problems)
    if config is None or engine is None or model is None or problems:
        raise ConfigError(problems)
    way_to_model = proxy if proxy and proxy.for_model else None
    return config, Equipment(engine, replace(model, proxy=way_to_model), proxy)


def _read(read: Callable[[Mapping[str, str]], T], environ: Mapping[str, str], problems: list[str]) -> T | None:
    try:
        return read(environ)
    except ConfigError as error:
        problems += error.problems
        return None
