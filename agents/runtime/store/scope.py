"""What every statement needs: the connection, and whose rows it is about."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg


@dataclass(frozen=True, slots=True)
class Scope:
    """One open connection for one agent's run of one customer."""

    connection: psycopg.Connection[Any]
    tenant: UUID
    agent_role: str
    agent_run_id: UUID
