"""The connection to the customer's schema, as the agent's own database role.

Owns the connection and its transactions; the statements stand beside it, one module a table. The role brings its
search_path and app.tenant_id along (ALTER ROLE), so nothing is set here; tenant_id is written from the
configuration, and row-level security refuses any other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg

from agents.runtime.config import Config
from agents.runtime.exits import Exit
from agents.runtime.failures import Failure
from agents.runtime.messages import Message
from agents.runtime.profile import Profile
from agents.runtime.store.activity import Activities, Activity
from agents.runtime.store.briefs import Briefs
from agents.runtime.store.drafts import Drafts
from agents.runtime.store.leads import Leads
from agents.runtime.store.mail import Mail
from agents.runtime.store.mailbox_state import MailboxState
from agents.runtime.store.profile import read_profile
from agents.runtime.store.scope import Scope
from agents.runtime.store.usage import Usage
from openclaw_site.aws.database import login_token
from openclaw_site.aws.errors import AwsError

CONNECT_TIMEOUT_SECONDS = 5
DEAD_PEER_MILLISECONDS = 10_000


class Store:
    """One open connection; `mail`, `leads` and so on are the statements on those tables.

    A change belongs in a `transaction` together with the activity that tells of it. Not safe to share between
    threads.
    """

    def __init__(self, connection: psycopg.Connection[Any], config: Config) -> None:
        scope = Scope(connection, config.tenant_uuid, config.agent_role, config.agent_run_id)
        self._scope = scope
        self.mail = Mail(scope)
        self.leads = Leads(scope)
        self.drafts = Drafts(scope)
        self.briefs = Briefs(scope)
        self.usage = Usage(scope)
        self.activities = Activities(scope)
        self.mailbox_state = MailboxState(scope)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing when it raises or the process is killed. May be nested."""
        with self._scope.connection.transaction():
            yield

    def now(self) -> datetime:
        """The database's time, which is that of its rows."""
        row = self._scope.connection.execute("SELECT now()").fetchone()
        assert row is not None  # noqa: S101  # it has one row
        moment: datetime = row[0]
        return moment

    def profile(self) -> Profile:
        """What the customer wants its agents to know."""
        return read_profile(self._scope)

    def record(
        self,
        messages: Sequence[Message],
        report: Callable[[int], Sequence[Activity]],
        *,
        history_id: str | None = None,
    ) -> int:
        """Writes the messages and, in the same transaction, what `report(new messages)` says of them.

        With a `history_id` this role has fetched up to there afterwards: to be given with the last of the messages
        until then. Returns the number of messages that were new. Safe to repeat: a message that another agent stored
        since is left as it is. All or nothing: a process killed in the middle leaves no row behind.
        """
        with self.transaction():
            new = sum(self.mail.insert(message) for message in messages)
            for activity in report(new):
                self.activities.add(activity)
            if history_id is not None:
                self.mailbox_state.remember(history_id)
        return new


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
