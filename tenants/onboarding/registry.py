"""The steps, in order, from the setting PROVISIONING_STEPS. Named by path, so that `tenants` imports no other app."""

from functools import cache

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from tenants.onboarding.steps.base import Step


@cache
def steps() -> dict[str, Step]:
    """One instance of each step by its name, in the order in which they are applied."""
    made = [import_string(path)() for path in settings.PROVISIONING_STEPS]
    return {step.name: step for step in made}


def step_title(name: str) -> str:
    """What people read for a step; the name itself for one that no longer exists."""
    step = steps().get(name)
    return step.title if step else name


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "PROVISIONING_STEPS":
        steps.cache_clear()


setting_changed.connect(_forget)
