"""The machine on the real database and AWS, in the platform's context."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenants.isolation.context import enter_platform
from tests.onboarding.runs import FIRST_FOUR


@pytest.fixture
def platform(database: None, aws: object, settings: Any) -> Iterator[None]:
    settings.PROVISIONING_STEPS = FIRST_FOUR
    with enter_platform():
        yield
