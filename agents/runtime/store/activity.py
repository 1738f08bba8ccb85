"""The customer's activities: what its agents did, for people to read."""

from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from agents.runtime.store.scope import Scope

_INSERT = """
    INSERT INTO activities (tenant_id, agent_role, agent_run_id, kind, summary, data)
    VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of `activities`: figures and fixed words, no mail text."""

    kind: str
    summary: str
    data: dict[str, Any]


class Activities:
    """Statements on `activities`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(self, activity: Activity) -> None:
        """Writes one more row, as this agent's run."""
        scope = self._scope
        values = (activity.kind, activity.summary, Jsonb(activity.data))
        scope.connection.execute(_INSERT, (scope.tenant, scope.agent_role, scope.agent_run_id, *values))
