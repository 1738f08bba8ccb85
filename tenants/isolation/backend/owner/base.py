"""The owner's database backend: django-tenants' own, plus log-in by IAM. Migrates and provisions; sees every row."""

from typing import Any

from django_tenants.postgresql_backend import base as tenants_base

from tenants.isolation.backend.login import with_login_token
from tenants.isolation.pooling import refuse_unsafe_pooling


class DatabaseWrapper(tenants_base.DatabaseWrapper):
    """A connection of the login `openclaw_owner`. Exists only in the provisioner and in commands."""

    # Its search path is set for the session: behind a transaction pooler one customer's tables would be made in
    # another's schema.
    transaction_pooling = False
    pooling_advice = "Migrations and provisioning connect directly: put PostgreSQL's own address in DATABASE_OWNER_URL."

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; a URL without a password logs in by IAM. Raises ImproperlyConfigured behind a transaction pooler."""
        refuse_unsafe_pooling(self)
        return super().get_new_connection(with_login_token(conn_params))
