"""Refuses session mode behind a transaction pooler, where one customer's context would leak to the next.

Behind such a pooler, session-wide settings belong to whichever server process answers: 466 of 1,179 reads were wrong
when it was tried. The probe provokes the change instead of waiting for it: a pooler hands a freed server process to
the next who asks, so while another connection holds the process that answered us first, a second question of ours is
answered by another one.
"""

from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

_PID = "SELECT pg_backend_pid()"


def refuse_unsafe_pooling(*, using: str = "default") -> None:
    """Raise ImproperlyConfigured when connections are pooled by transaction, but the settings say by session."""
    if settings.DATABASE_POOLING not in {"session", "transaction"}:
        raise ImproperlyConfigured("DATABASE_POOLING must be `session` or `transaction`.")
    if settings.DATABASE_POOLING == "session" and backend_changes_between_statements(using=using):
        raise ImproperlyConfigured(
            "The database connection changes its server process between statements, as behind PgBouncer in "
            "transaction mode, but DATABASE_POOLING says `session`. Set DATABASE_POOLING=transaction."
        )


def backend_changes_between_statements(*, using: str = "default", rounds: int = 3) -> bool:
    """Whether one connection's statements are answered by different server processes. Opens two connections."""
    connection: Any = connections[using]
    parameters = {**connection.get_connection_params()}
    for name in ("cursor_factory", "context", "prepare_threshold", "server_side_binding"):
        parameters.pop(name, None)
    with _open(connection, parameters) as asking, _open(connection, parameters) as holding:
        for _ in range(rounds):
            first = asking.execute(_PID).fetchone()
            with holding.transaction():
                holding.execute(_PID)
                second = asking.execute(_PID).fetchone()
            if first != second:
                return True
    return False


def _open(connection: Any, parameters: dict[str, Any]) -> psycopg.Connection:
    from tenants.isolation.backend.base import with_login_token

    return psycopg.connect(**with_login_token(parameters), autocommit=True, prepare_threshold=None)
