"""The customer's drafts: one a thread. An agent writes them until a person has decided on them or written in them."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from agents.runtime.store.scope import Scope

_SAVE = """
    INSERT INTO drafts AS kept (tenant_id, gmail_thread_id, lead_id, recipient, subject, body)
    VALUES (%(tenant)s, %(thread)s, %(lead)s, %(recipient)s, %(subject)s, %(body)s)
    ON CONFLICT (tenant_id, gmail_thread_id) WHERE NOT (gmail_thread_id = '') DO UPDATE SET
        lead_id = excluded.lead_id, recipient = excluded.recipient,
        subject = excluded.subject, body = excluded.body, updated_at = now()
    WHERE kept.status = 'pending' AND kept.edited_by = ''
        AND coalesce(kept.lead_id, excluded.lead_id) = excluded.lead_id
        AND (kept.lead_id, kept.recipient, kept.subject, kept.body)
            IS DISTINCT FROM (excluded.lead_id, excluded.recipient, excluded.subject, excluded.body)
    RETURNING kept.xmax = 0
"""
_FOUND = (
    "SELECT status = 'pending' AND edited_by = '', lead_id FROM drafts WHERE tenant_id = %s AND gmail_thread_id = %s"
)


class Saved(StrEnum):
    """What became of a draft. DECIDED (a person decided on it, or wrote in it) and OTHER_LEAD: nothing was written."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DECIDED = "decided"
    OTHER_LEAD = "other_lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer in a thread. Its repr shows no text of it."""

    thread_id: str
    lead_id: UUID
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


class Drafts:
    """Statements on `drafts`."""

    def __init__(self, scope: Scope) -> None:
        self._connection = scope.connection
        self._tenant = scope.tenant

    def save(self, draft: Draft) -> Saved:
        """Afterwards the thread's draft is this one, unless a person decided on it or wrote in it, or it is another
        lead's.

        Safe to repeat. One statement checks and writes, so a decision made meanwhile is never written over.
        """
        values = {
            "tenant": self._tenant,
            "thread": draft.thread_id,
            "lead": draft.lead_id,
            "recipient": draft.recipient,
            "subject": draft.subject,
            "body": draft.body,
        }
        written = self._connection.execute(_SAVE, values).fetchone()
        if written is not None:
            return Saved.CREATED if written[0] else Saved.UPDATED
        found = self._connection.execute(_FOUND, (self._tenant, draft.thread_id)).fetchone()
        if found is None or not found[0]:
            return Saved.DECIDED
        return Saved.UNCHANGED if found[1] == draft.lead_id else Saved.OTHER_LEAD
