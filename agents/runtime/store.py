"""The customer's schema, as the agent's own database role.

Owns the connection and the statements. The role brings its search_path and app.tenant_id along (ALTER ROLE),
so nothing is set here; tenant_id is written from the configuration, and row-level security refuses any other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from agents.runtime.config import Config
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.messages import Message
from openclaw_site.aws.database import login_token
from openclaw_site.aws.errors import AwsError

CONNECT_TIMEOUT_SECONDS = 5
DEAD_PEER_MILLISECONDS = 10_000

_KNOWN = "SELECT gmail_id FROM inbox_messages WHERE tenant_id = %s AND gmail_id = ANY(%s)"
_ANY_MESSAGE = "SELECT EXISTS (SELECT 1 FROM inbox_messages WHERE tenant_id = %s)"
_INSERT_MESSAGE = """
    INSERT INTO inbox_messages
        (tenant_id, gmail_id, thread_id, sender, recipient, subject, snippet, label_ids, received_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, gmail_id) DO NOTHING
"""
_INSERT_ACTIVITY = """
    INSERT INTO activities (tenant_id, agent_role, agent_run_id, kind, summary, data)
    VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of `activities`: figures and fixed words, no mail text."""

    kind: str
    summary: str
    data: dict[str, Any]


class Store:
    """One open connection for one tick; statements outside `record` are single reads."""

    def __init__(self, connection: psycopg.Connection[Any], config: Config) -> None:
        self._connection = connection
        self._tenant: UUID = config.tenant_uuid
        self._config = config

    def is_empty(self) -> bool:
        """Whether no message of this customer was stored yet."""
        row = self._connection.execute(_ANY_MESSAGE, (self._tenant,)).fetchone()
        return not (row and row[0])

    def known(self, gmail_ids: Sequence[str]) -> set[str]:
        """Those of the ids that are stored already."""
        rows = self._connection.execute(_KNOWN, (self._tenant, list(gmail_ids)))
        return {row[0] for row in rows}

    def record(self, messages: Sequence[Message], report: Callable[[int], Sequence[Activity]]) -> int:
        """Writes the messages and, in the same transaction, what `report(new messages)` says of them.

        Returns the number of messages that were new. Safe to repeat: a message stored by another agent since
        is left as it is. All or nothing: a process killed in the middle leaves no row behind.
        """
        with self._connection.transaction():
            new = sum(self._insert_message(message) for message in messages)
            for activity in report(new):
                self._insert_activity(activity)
        return new

    def _insert_message(self, message: Message) -> int:
        cursor = self._connection.execute(
            _INSERT_MESSAGE,
            (
                self._tenant,
                message.gmail_id,
                message.thread_id,
                message.sender,
                message.recipient,
                message.subject,
                message.snippet,
                Jsonb(message.label_ids),
                message.received_at,
            ),
        )
        return cursor.rowcount

    def _insert_activity(self, activity: Activity) -> None:
        config = self._config
        values = (activity.kind, activity.summary, Jsonb(activity.data))
        self._connection.execute(_INSERT_ACTIVITY, (self._tenant, config.agent_role, config.agent_run_id, *values))


@contextmanager
def open_store(config: Config) -> Iterator[Store]:
    """A store on a fresh connection, logged in by an IAM token and closed afterwards.

    Raises Failure(DATABASE_UNREACHABLE), with the SQLSTATE where there is one and never the server's message,
    which may quote a row: retryable when the connection failed, not when the database refused a statement.
    """
    try:
        with psycopg.connect(**_connection_parameters(config)) as connection:
            yield Store(connection, config)
    except AwsError as error:
        detail = f"login token: {type(error).__name__}"
        raise Failure(Exit.DATABASE_UNREACHABLE, detail, retryable=error.retryable) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Failure(Exit.DATABASE_UNREACHABLE, _describe(error), retryable=True) from error
    except psycopg.ProgrammingError as error:
        # A missing table or privilege: the customer's schema is not as the agent needs it.
        raise Failure(Exit.DATABASE_UNREACHABLE, _describe(error)) from error


def _connection_parameters(config: Config) -> dict[str, Any]:
    return {
        "host": config.database_host,
        "port": config.database_port,
        "dbname": config.database_name,
        "user": config.database_user,
        "password": login_token(
            host=config.database_host,
            port=config.database_port,
            user=config.database_user,
            region=config.aws_region,
        ),
        "sslmode": config.database_sslmode,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "tcp_user_timeout": DEAD_PEER_MILLISECONDS,
        "application_name": f"openclaw-{config.agent_role}",
        "autocommit": True,
    }


def _describe(error: psycopg.Error) -> str:
    return f"{type(error).__name__} {error.sqlstate}" if error.sqlstate else type(error).__name__
