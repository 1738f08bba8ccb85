"""Plain functions that make what tests need. Each enters the platform's context itself."""

import itertools
import os
from typing import Any

from tenants.isolation.context import enter_platform, schema_of
from tenants.models import Customer, Domain, GmailConnection, User

_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"


def make_user(**fields: Any) -> User:
    """A person with PASSWORD who is not staff."""
    number = next(_numbers)
    with enter_platform():
        return User.objects.create_user(**{"email": f"person{number}@example.com", "password": PASSWORD, **fields})


def make_staff(**fields: Any) -> User:
    """A member of staff with every permission."""
    return make_user(**{"is_staff": True, "is_superuser": True, **fields})


def make_customer(**fields: Any) -> Customer:
    """A customer with its host and an unconnected Gmail, and nothing provisioned."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "name": f"Company {number}",
        "slug": f"company-{number}",
        "email": f"office{number}@company-{number}.example",
        "plan": "team",
        "region": os.environ["AWS_REGION"],
    }
    customer = Customer(**{**defaults, **fields})
    customer.schema_name = schema_of(customer.id)
    with enter_platform():
        customer.save()
        Domain.objects.create(domain=customer.host, tenant=customer)
        GmailConnection.objects.create(tenant=customer)
    return customer
