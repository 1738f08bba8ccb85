"""The customer's briefs: one a day."""

from datetime import date

from agents.runtime.store.change import Change, change_of
from agents.runtime.store.scope import Scope

_WRITE = """
    INSERT INTO briefs AS kept (tenant_id, day, body, agent_run_id) VALUES (%s, %s, %s, %s)
    ON CONFLICT (tenant_id, day) DO UPDATE SET
        body = excluded.body, agent_run_id = excluded.agent_run_id, updated_at = now()
    WHERE kept.body <> excluded.body
    RETURNING kept.xmax = 0
"""


class Briefs:
    """Statements on `briefs`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def write(self, *, day: date, body: str) -> Change:
        """Afterwards the day's brief is this one. Safe to repeat."""
        scope = self._scope
        values = (scope.tenant, day, body, scope.agent_run_id)
        return change_of(scope.connection.execute(_WRITE, values).fetchone())
