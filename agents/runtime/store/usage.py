"""What the customer's agents used of the model. Money in millionths of a US dollar."""

from dataclasses import dataclass
from datetime import UTC, datetime

from agents.runtime.store.scope import Scope

_RECORD = """
    INSERT INTO model_usage (tenant_id, agent_role, agent_run_id, model, calls, input_tokens, output_tokens,
        cache_read_tokens, cache_write_tokens, cost_micro_usd)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_COST = "SELECT coalesce(sum(cost_micro_usd), 0) FROM model_usage WHERE tenant_id = %s AND created_at >= %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """One turn's. `input_tokens` were neither read from the cache nor written to it."""

    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_micro_usd: int


class Usage:
    """Statements on `model_usage`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def record(self, usage: ModelUsage) -> None:
        """Writes one more row: to be called once a turn."""
        scope = self._scope
        tokens = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
        values = (scope.tenant, scope.agent_role, scope.agent_run_id, usage.model, usage.calls, *tokens)
        scope.connection.execute(_RECORD, (*values, usage.cost_micro_usd))

    def month_cost_micro_usd(self, *, now: datetime | None = None) -> int:
        """What all of the customer's agents cost since the month began in UTC."""
        today = (now or datetime.now(UTC)).astimezone(UTC)
        start = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        row = self._scope.connection.execute(_COST, (self._scope.tenant, start)).fetchone()
        return int(row[0]) if row else 0
