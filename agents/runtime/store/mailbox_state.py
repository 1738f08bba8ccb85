"""How far this agent has read the mailbox: Gmail's history id, one a role."""

from collections.abc import Sequence

from agents.runtime.store.scope import Scope

_READ = "SELECT history_id FROM mailbox_state WHERE tenant_id = %s AND agent_role = %s"
_READ_AMONG = """
    SELECT gmail_id FROM inbox_messages JOIN mailbox_state USING (tenant_id)
    WHERE tenant_id = %s AND agent_role = %s AND gmail_id = ANY(%s) AND inbox_messages.created_at <= updated_at
"""
_WRITE = """
    INSERT INTO mailbox_state AS kept (tenant_id, agent_role, history_id) VALUES (%s, %s, %s)
    ON CONFLICT (tenant_id, agent_role) DO UPDATE SET history_id = excluded.history_id, updated_at = now()
    WHERE kept.history_id <> excluded.history_id
"""


class MailboxState:
    """Statements on `mailbox_state`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def history_id(self) -> str | None:
        """Where this role's last complete look ended; None before the first."""
        row = self._scope.connection.execute(_READ, (self._scope.tenant, self._scope.agent_role)).fetchone()
        return str(row[0]) if row else None

    def read_among(self, gmail_ids: Sequence[str]) -> set[str]:
        """Those of the ids that were stored, by whichever role, when this role's last complete look ended."""
        values = (self._scope.tenant, self._scope.agent_role, list(gmail_ids))
        return {str(row[0]) for row in self._scope.connection.execute(_READ_AMONG, values)}

    def remember(self, history_id: str) -> None:
        """Afterwards this role has read up to there. Safe to repeat."""
        self._scope.connection.execute(_WRITE, (self._scope.tenant, self._scope.agent_role, history_id))
