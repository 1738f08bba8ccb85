"""How far this agent has fetched from the mailbox: Gmail's history id, one a role."""

from agents.runtime.store.scope import Scope

_READ = "SELECT history_id FROM mailbox_state WHERE tenant_id = %s AND agent_role = %s"
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

    def remember(self, history_id: str) -> None:
        """Afterwards this role has fetched up to there. Safe to repeat."""
        self._scope.connection.execute(_WRITE, (self._scope.tenant, self._scope.agent_role, history_id))
