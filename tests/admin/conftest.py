"""A member of staff who may do everything."""

import pytest
from django.test import Client

from tests.admin.clients import signed_in
from tests.factories import make_staff


@pytest.fixture
def staff(database: None) -> Client:
    return signed_in(make_staff().email)
