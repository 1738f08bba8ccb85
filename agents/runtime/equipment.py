"""What an agent works with beside its customer's things: the engine's program and a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from agents.runtime.bridge.settings import ModelSettings, read_model_settings
from agents.runtime.config import Config, ConfigError, read_config
from agents.runtime.engine.settings import EngineSettings, read_engine_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Equipment:
    """The engine, the model, and what the model may cost."""

    engine: EngineSettings
    model: ModelSettings


def read_environment(environ: Mapping[str, str]) -> tuple[Config, Equipment]:
    """The whole environment of an agent. Raises ConfigError naming all that is wrong with it, values left out."""
    problems: list[str] = []
    config = _read(read_config, environ, problems)
    engine = _read(read_engine_settings, environ, problems)
    model = _read(read_model_settings, environ, problems)
    if config is None or engine is None or model is None:
        raise ConfigError(problems)
    return config, Equipment(engine, model)


def _read(read: Callable[[Mapping[str, str]], T], environ: Mapping[str, str], problems: list[str]) -> T | None:
    try:
        return read(environ)
    except ConfigError as error:
        problems += error.problems
        return None
