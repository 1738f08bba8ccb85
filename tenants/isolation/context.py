"""Whose data a piece of code may see. A context is a database role, a schema and a tenant id, entered as one.

Every query on the application's connection needs one; without it the query raises ContextMissing. Web requests get
theirs from the middleware; tasks and commands enter theirs by name:

    with enter_customer(customer_id): ...   # that customer's rows and schema, nothing else
    with enter_platform(): ...              # staff and platform jobs: every customer's public rows
    with enter_public(): ...                # anonymous pages
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.utils import DEFAULT_DB_ALIAS, ProgrammingError

PUBLIC_ROLE = "openclaw_public"
TENANT_ROLE = "openclaw_tenant"
PLATFORM_ROLE = "openclaw_platform"


class ContextMissing(ProgrammingError):
    """A query was tried before anybody said whose data it may see."""


@dataclass(frozen=True, slots=True)
class Context:
    """What `app_enter` is told: the role to take on, the schema, the tenant that RLS compares with."""

    role: str
    schema: str = "public"
    tenant_id: uuid.UUID | None = None


def schema_of(customer_id: uuid.UUID) -> str:
    """The name of a customer's schema, login role and IAM role: `t_` and the id's 32 hexadecimal characters."""
    return f"t_{customer_id.hex}"


def current_context(using: str = DEFAULT_DB_ALIAS) -> Context | None:
    """The context of this thread's connection, or None."""
    connection: Any = connections[using]
    found: Context | None = connection.context
    return found


@contextmanager
def enter(context: Context | None, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Make `context` the current one and put the former back afterwards. Costs no round trip until a query needs it."""
    connection: Any = connections[using]
    former = connection.context
    connection.context = context
    try:
        yield
    finally:
        connection.context = former


def enter_public() -> Any:
    """The context of anonymous pages: hosts can be looked up, sign-in works, no customer's rows are seen."""
    return enter(Context(PUBLIC_ROLE))


def enter_customer(customer_id: uuid.UUID) -> Any:
    """The context of one customer: its rows in public tables and its own schema."""
    return enter(Context(TENANT_ROLE, schema_of(customer_id), customer_id))


def enter_platform(customer_id: uuid.UUID | None = None) -> Any:
    """The context of staff and platform jobs. With a customer's id, that customer's schema can be counted in too."""
    if customer_id is None:
        return enter(Context(PLATFORM_ROLE))
    return enter(Context(PLATFORM_ROLE, schema_of(customer_id), customer_id))
