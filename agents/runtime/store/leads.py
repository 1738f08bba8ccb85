"""The customer's leads: one a lower-case address, each with the message that shows it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
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
# A lead that Writer left without a draft waits again only when something new is known of it.
_WAITING = """
    FROM leads JOIN inbox_messages AS evidence
        ON evidence.tenant_id = leads.tenant_id AND evidence.gmail_id = leads.evidence_message_id
    WHERE leads.tenant_id = %s AND (leads.considered_at IS NULL OR leads.considered_at < leads.updated_at)
        AND NOT EXISTS (
            SELECT 1 FROM drafts WHERE drafts.tenant_id = leads.tenant_id
            AND (drafts.lead_id = leads.id OR drafts.gmail_thread_id = evidence.thread_id))
"""
_FIRST = "ORDER BY leads.score DESC, leads.created_at, leads.id"
_WAITING_IDS = f"SELECT leads.id {_WAITING} {_FIRST} LIMIT %s"
_LIST_WAITING = f"""
    SELECT leads.email, leads.name, leads.company, leads.intent, leads.score, evidence.thread_id
    {_WAITING} AND leads.id = ANY(%s) {_FIRST}
"""
_CONSIDER = "UPDATE leads SET considered_at = %s WHERE tenant_id = %s AND id = ANY(%s)"


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

    def waiting_ids(self, *, limit: int) -> list[UUID]:
        """Leads that want a draft, the most promising first: neither they nor the thread that shows them have one."""
        return [row[0] for row in self._connection.execute(_WAITING_IDS, (self._tenant, limit))]

    def waiting(self, among: Collection[UUID]) -> list[WaitingLead]:
        """Those of the leads that want a draft, the most promising first."""
        cursor = self._connection.cursor(row_factory=class_row(WaitingLead))
        return cursor.execute(_LIST_WAITING, (self._tenant, list(among))).fetchall()

    def considered(self, leads: Collection[UUID], *, at: datetime) -> None:
        """Afterwards these leads wait only if they changed later than at that moment. Safe to repeat."""
        self._connection.execute(_CONSIDER, (at, self._tenant, list(leads)))
