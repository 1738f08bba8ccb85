"""The platform's context, and prices as they were after the test."""

from collections.abc import Iterator

import pytest

from billing.models import Price
from tenants.isolation.context import enter_platform


@pytest.fixture(autouse=True)
def platform(database: None) -> Iterator[None]:
    with enter_platform():
        prices = list(Price.objects.values_list("pk", flat=True))
        yield
        Price.objects.exclude(pk__in=prices).delete()
