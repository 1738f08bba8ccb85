"""Stripe with its messages in the test's hands, and cards on offer."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from openclaw_site.devstack.world import World
from tests.billing.cards.shop import Shop


@pytest.fixture
def shop(world: World, settings: Any, eager: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    settings.CARD_PAYMENTS = True
    world.stripe.webhooks_lost = True
    yield Shop(world.stripe, monkeypatch)
    world.stripe.webhooks_lost, world.stripe.fault, world.stripe.now = False, None, time.time
