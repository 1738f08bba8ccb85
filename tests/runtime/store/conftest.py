"""The store on the customer's schema, logged in as its agents are."""

import pytest


@pytest.fixture
def store(open_as):
    with open_as() as store:
        yield store
