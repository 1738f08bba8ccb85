"""The application's database backend: no query runs outside a context.

It extends django-tenants' backend. Where that one sets the search path, this one calls `app_enter(role, schema,
tenant_id)`, one statement, once when the context changes. The mark that it was done lives on this wrapper, never on
the pooled connection below it, and is forgotten whenever PostgreSQL may have forgotten it too: on connect, close,
rollback and rollback to a savepoint.

With DATABASE_POOLING=transaction every transaction may meet another server process: the context is then set locally
to each transaction, and a statement outside a transaction gets one of its own.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import cached_property
from django_tenants.postgresql_backend import base as tenants_base
from psycopg.pq import TransactionStatus

from tenants.isolation.context import Context, ContextMissing

_ENTER = "SELECT public.app_enter(%s, %s, %s, %s)"


class DatabaseWrapper(tenants_base.DatabaseWrapper):
    """A connection that belongs to nobody until a context is entered (`tenants.isolation.context`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.context: Context | None = None
        self._entered: Context | None = None
        super().__init__(*args, **kwargs)
        self.transaction_pooling = settings.DATABASE_POOLING == "transaction"
        if self.transaction_pooling:
            self.execute_wrappers.append(self._in_own_transaction)

    # -- what django-tenants asks of a backend ---------------------------------------------------
    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Remember the tenant object for django-tenants' helpers. The context alone decides what can be seen."""
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public

    # -- the mark ----------------------------------------------------------------------------------
    def connect(self) -> None:
        self._entered = None
        super().connect()

    def close(self) -> None:
        self._entered = None
        super().close()

    def commit(self) -> None:
        super().commit()
        if self.transaction_pooling:
            self._entered = None

    def rollback(self) -> None:
        self._entered = None
        super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        try:
            super().savepoint_rollback(sid)
        finally:
            self._entered = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; a URL without a password logs in by IAM, with a token made for this connection."""
        return super().get_new_connection(with_login_token(conn_params))

    @cached_property
    def pg_version(self) -> int:
        """The server's version, from the connection itself: connecting must work without a context."""
        self.ensure_connection()
        return int(self.connection.info.server_version)

    # -- the context -------------------------------------------------------------------------------
    def _handle_search_path(self, cursor: Any = None) -> None:
        """Called for every cursor. Raises ContextMissing without a context."""
        if self.context is None:
            raise ContextMissing(
                "This query has no context. Enter one: enter_customer(id), enter_platform() or enter_public()."
            )
        if not self.transaction_pooling or self.in_atomic_block or not self.get_autocommit():
            self._enter(local=self.transaction_pooling)

    def _enter(self, *, local: bool) -> None:
        if self._entered == self.context or self.context is None:
            return
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            return  # Nothing runs until the rollback, which clears the mark.
        context = self.context
        tenant_id = context.tenant_id.hex if context.tenant_id else ""
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_ENTER, (context.role, context.schema, tenant_id, local))
        self._entered = context

    def _in_own_transaction(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Under a transaction pooler, a statement in autocommit mode becomes a transaction with its context."""
        if self.in_atomic_block or not self.get_autocommit():
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            self._enter(local=True)
            return execute(sql, params, many, context)


def with_login_token(conn_params: dict[str, Any]) -> dict[str, Any]:
    """`conn_params` with a password: the given one, or a 15-minute RDS IAM token for this login."""
    if conn_params.get("password"):
        return conn_params
    from openclaw_site.aws import database as aws_database  # Imports botocore: only where log-in is by IAM.

    token = aws_database.login_token(
        host=conn_params["host"],
        port=int(conn_params.get("port") or 5432),
        user=conn_params["user"],
        region=settings.AWS_REGION,
    )
    return {**conn_params, "password": token}
