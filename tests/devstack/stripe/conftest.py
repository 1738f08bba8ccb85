"""A buyer at the embedded Stripe, whose webhooks a receiver of the test's takes."""

from collections.abc import Iterator

import pytest

from openclaw_site.devstack.world import World
from tests.devstack.buyer import Receiver, Shop


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def shop(world: World, receiver: Receiver) -> Iterator[Shop]:
    """A new customer and price, of which nothing was heard yet."""
    address, clock = world.stripe.webhook_url, world.stripe.now
    world.stripe.webhook_url = receiver.url
    shop = Shop(world.stripe, receiver)
    shop.heard()
    yield shop
    world.stripe.fault, world.stripe.webhooks_lost = None, False
    world.stripe.now, world.stripe.webhook_url = clock, address
    receiver.refuses = 0
    receiver.taken.clear()
