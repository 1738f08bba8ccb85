"""The customer's profile: one row, or none."""

from psycopg.rows import class_row

from agents.runtime.profile import Profile
from agents.runtime.store.scope import Scope

_READ = "SELECT tone, facts FROM profiles WHERE tenant_id = %s"


def read_profile(scope: Scope) -> Profile:
    """The customer's profile."""
    cursor = scope.connection.cursor(row_factory=class_row(Profile))
    return cursor.execute(_READ, (scope.tenant,)).fetchone() or Profile()
