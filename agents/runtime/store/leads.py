"""The customer's leads: one a lower-case address, each with the message that shows it."""

from dataclasses import dataclass, field
from uuid import UUID

from psycopg.rows import class_row

from agents.runtime.store.change import Change, change_of
from agents.runtime.store.scope import Scope

# What the newer reading says counts, except where it says nothing.
_UPSERT = """
    INSERT INTO leads AS kept (tenant_id, email, name, company, intent, score, evidence_message_id)
    VALUES (%(tenant)s, %(email)s, %(name)s, %(company)s, %(intent)s, %(score)s, %(evidence)s)
    ON CONFLICT (tenant_id, email) DO UPDATE SET
        name = coalesce(nullif(excluded.name, ''), kept.name),
        company = coalesce(nullif(excluded.company, ''), kept.company),
        intent = coalesce(nullif(excluded.intent, ''), kept.intent),
        score = coalesce(nullif(excluded.score, 0), kept.score),
        evidence_message_id = coalesce(nullif(excluded.evidence_message_id, ''), kept.evidence_message_id),
        updated_at = now()
    WHERE (kept.name, kept.company, kept.intent, kept.score, kept.evidence_message_id) IS DISTINCT FROM (
        coalesce(nullif(excluded.name, ''), kept.name),
        coalesce(nullif(excluded.company, ''), kept.company),
        coalesce(nullif(excluded.intent, ''), kept.intent),
        coalesce(nullif(excluded.score, 0), kept.score),
        coalesce(nullif(excluded.evidence_message_id, ''), kept.evidence_message_id))
    RETURNING kept.xmax = 0
"""
_GET = "SELECT id, email, evidence_message_id FROM leads WHERE tenant_id = %s AND email = %s"
_WAITING = """
    FROM leads JOIN inbox_messages AS evidence
        ON evidence.tenant_id = leads.tenant_id AND evidence.gmail_id = leads.evidence_message_id
    WHERE leads.tenant_id = %s AND NOT EXISTS (
        SELECT 1 FROM drafts WHERE drafts.tenant_id = leads.tenant_id
        AND (drafts.lead_id = leads.id OR drafts.gmail_thread_id = evidence.thread_id))
"""
_COUNT_WAITING = "SELECT count(*)" + _WAITING
_LIST_WAITING = (
    "SELECT leads.email, leads.name, leads.company, leads.intent, leads.score, evidence.thread_id"
    + _WAITING
    + "ORDER BY leads.score DESC, leads.created_at, leads.id LIMIT %s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a reading of a message says of a lead; `email` in lower case. Its repr shows no mail text."""

    email: str = field(repr=False)
    name: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    intent: str = field(default="", repr=False)
    score: int = 0
    evidence_message_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredLead:
    """Where a lead is, and who."""

    id: UUID
    email: str = field(repr=False)
    evidence_message_id: str


@dataclass(frozen=True, slots=True)
class WaitingLead:
    """A lead without a draft, with the thread of the message that shows it."""

    email: str = field(repr=False)
    name: str = field(repr=False)
    company: str = field(repr=False)
    intent: str = field(repr=False)
    score: int
    thread_id: str


class Leads:
    """Statements on `leads`."""

    def __init__(self, scope: Scope) -> None:
        self._connection = scope.connection
        self._tenant = scope.tenant

    def upsert(self, lead: Lead) -> Change:
        """Afterwards there is one lead with that address, with what is new of it. Safe to repeat.

        An empty value, or a score of 0, never takes the place of one that says something.
        """
        values = {
            "tenant": self._tenant,
            "email": lead.email.lower(),
            "name": lead.name,
            "company": lead.company,
            "intent": lead.intent,
            "score": lead.score,
            "evidence": lead.evidence_message_id,
        }
        return change_of(self._connection.execute(_UPSERT, values).fetchone())

    def get(self, email: str) -> StoredLead | None:
        """The lead with that address."""
        cursor = self._connection.cursor(row_factory=class_row(StoredLead))
        return cursor.execute(_GET, (self._tenant, email.lower())).fetchone()

    def count_waiting(self) -> int:
        """How many leads want a draft: neither they nor the thread that shows them have one."""
        row = self._connection.execute(_COUNT_WAITING, (self._tenant,)).fetchone()
        return int(row[0]) if row else 0

    def waiting(self, *, limit: int) -> list[WaitingLead]:
        """Those leads, the most promising first."""
        cursor = self._connection.cursor(row_factory=class_row(WaitingLead))
        return cursor.execute(_LIST_WAITING, (self._tenant, limit)).fetchall()
