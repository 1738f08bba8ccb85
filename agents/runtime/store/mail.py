"""The customer's stored messages: envelopes and Gmail's snippets, with the classes that Butler gave them.

Bodies are not stored: whoever needs one asks Gmail.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from agents.runtime.messages import Message
from agents.runtime.store.scope import Scope

_KNOWN = "SELECT gmail_id FROM inbox_messages WHERE tenant_id = %s AND gmail_id = ANY(%s)"
_INSERT = """
    INSERT INTO inbox_messages
        (tenant_id, gmail_id, thread_id, sender, recipient, subject, snippet, label_ids, received_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant_id, gmail_id) DO NOTHING
"""
_COLUMNS = "gmail_id, thread_id, sender, subject, snippet, received_at, category, urgency, needs_reply"
_GET = sql.SQL("SELECT {} FROM inbox_messages WHERE tenant_id = %s AND gmail_id = %s").format(sql.SQL(_COLUMNS))
_PAGE = """
    SELECT {columns} FROM inbox_messages
    WHERE tenant_id = %(tenant)s AND {chosen} AND (%(after)s::text IS NULL OR (received_at, gmail_id) > (
        SELECT received_at, gmail_id FROM inbox_messages WHERE tenant_id = %(tenant)s AND gmail_id = %(after)s))
    ORDER BY received_at, gmail_id LIMIT %(limit)s
"""
# What each role marks a message with when it went over it.
_MARKS = {"butler": "sorted_at", "scout": "scouted_at"}
_WAITING = """
    SELECT gmail_id FROM inbox_messages WHERE tenant_id = %s AND {mark} IS NULL ORDER BY received_at, gmail_id LIMIT %s
"""
_GONE_OVER = "UPDATE inbox_messages SET {mark} = now() WHERE tenant_id = %s AND gmail_id = ANY(%s)"
_CLASSIFY = """
    UPDATE inbox_messages SET category = %s, urgency = %s, needs_reply = %s, classified_at = now()
    WHERE tenant_id = %s AND gmail_id = %s
"""
_THREAD = "SELECT EXISTS (SELECT 1 FROM inbox_messages WHERE tenant_id = %s AND thread_id = %s)"
_SENDERS = "SELECT gmail_id, sender FROM inbox_messages WHERE tenant_id = %s AND thread_id = %s"


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One row of `inbox_messages`. Its repr shows only Gmail's id."""

    gmail_id: str
    thread_id: str = field(repr=False)
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    snippet: str = field(repr=False)
    received_at: datetime = field(repr=False)
    category: str = field(repr=False)
    urgency: str = field(repr=False)
    needs_reply: bool | None = field(repr=False)


class Mail:
    """Statements on `inbox_messages`. Lists are oldest first, those after the message `after` where one is named."""

    def __init__(self, scope: Scope) -> None:
        self._connection = scope.connection
        self._tenant = scope.tenant
        self._mark = sql.Identifier(_MARKS.get(scope.agent_role, ""))

    def waiting(self, *, limit: int) -> list[str]:
        """Ids of the messages that this role, Butler or Scout, has not gone over yet."""
        query = sql.SQL(_WAITING).format(mark=self._mark)
        return [str(row[0]) for row in self._connection.execute(query, (self._tenant, limit))]

    def gone_over(self, gmail_ids: Collection[str]) -> None:
        """Afterwards these messages wait no longer for this role. Safe to repeat."""
        self._connection.execute(sql.SQL(_GONE_OVER).format(mark=self._mark), (self._tenant, list(gmail_ids)))

    def known(self, gmail_ids: Sequence[str]) -> set[str]:
        """Those of the ids that are stored already."""
        rows = self._connection.execute(_KNOWN, (self._tenant, list(gmail_ids)))
        return {row[0] for row in rows}

    def insert(self, message: Message) -> int:
        """1 when the message was new; one that is stored is left as it is."""
        values = (message.gmail_id, message.thread_id, message.sender, message.recipient, message.subject)
        more = (message.snippet, Jsonb(message.label_ids), message.received_at)
        return self._connection.execute(_INSERT, (self._tenant, *values, *more)).rowcount

    def get(self, gmail_id: str) -> StoredMessage | None:
        """The message with that id."""
        cursor = self._connection.cursor(row_factory=class_row(StoredMessage))
        return cursor.execute(_GET, (self._tenant, gmail_id)).fetchone()

    def unclassified(self, among: Collection[str], *, limit: int, after: str | None = None) -> list[StoredMessage]:
        """The stored ones of these ids that have no class yet."""
        condition = "gmail_id = ANY(%(chosen)s) AND classified_at IS NULL"
        return self._page(condition, limit=limit, after=after, chosen=list(among))

    def among(self, gmail_ids: Collection[str], *, limit: int, after: str | None = None) -> list[StoredMessage]:
        """The stored ones of these ids."""
        return self._page("gmail_id = ANY(%(chosen)s)", limit=limit, after=after, chosen=list(gmail_ids))

    def since(self, moment: datetime, *, limit: int, after: str | None = None) -> list[StoredMessage]:
        """Messages received at that moment or later."""
        return self._page("received_at >= %(chosen)s", limit=limit, after=after, chosen=moment)

    def classify(self, gmail_id: str, *, category: str, urgency: str, needs_reply: bool) -> bool:
        """Afterwards the message has this class, whatever it had; False when it is not stored. Safe to repeat."""
        values = (category, urgency, needs_reply, self._tenant, gmail_id)
        return self._connection.execute(_CLASSIFY, values).rowcount == 1

    def has_thread(self, thread_id: str) -> bool:
        """Whether a message of that thread is stored."""
        return self._holds(_THREAD, self._tenant, thread_id)

    def thread_is_of(self, thread_id: str, *, gmail_id: str, address: str) -> bool:
        """Whether the thread holds that message, or one whose sender has that lower-case address."""
        rows = self._connection.execute(_SENDERS, (self._tenant, thread_id))
        return any(row[0] == gmail_id or parseaddr(row[1])[1].lower() == address for row in rows)

    def _holds(self, query: str, *values: object) -> bool:
        row = self._connection.execute(query, values).fetchone()
        return bool(row and row[0])

    def _page(self, condition: str, *, limit: int, after: str | None, chosen: Any = None) -> list[StoredMessage]:
        query = sql.SQL(_PAGE).format(columns=sql.SQL(_COLUMNS), chosen=sql.SQL(condition))
        values = {"tenant": self._tenant, "after": after, "limit": limit, "chosen": chosen}
        return self._connection.cursor(row_factory=class_row(StoredMessage)).execute(query, values).fetchall()
