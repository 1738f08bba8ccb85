"""The owner's database backend: django-tenants' own, plus log-in by IAM. Migrates and provisions; sees every row."""

from typing import Any

from django_tenants.postgresql_backend import base as tenants_base

from tenants.isolation.backend.base import with_login_token


class DatabaseWrapper(tenants_base.DatabaseWrapper):
    """A connection of the login `openclaw_owner`. Exists only in the provisioner and in commands."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; a URL without a password logs in by IAM."""
        return super().get_new_connection(with_login_token(conn_params))
