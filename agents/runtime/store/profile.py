"""What the customer wants its agents to know. Written in the back office, only read here."""

from dataclasses import dataclass

from psycopg.rows import class_row

from agents.runtime.store.scope import Scope

_READ = "SELECT tone, facts FROM profiles WHERE tenant_id = %s"


@dataclass(frozen=True, slots=True)
class Profile:
    """Its tone, and facts about its business; empty where it said nothing."""

    tone: str = ""
    facts: str = ""


def read_profile(scope: Scope) -> Profile:
    """The customer's profile."""
    cursor = scope.connection.cursor(row_factory=class_row(Profile))
    return cursor.execute(_READ, (scope.tenant,)).fetchone() or Profile()
