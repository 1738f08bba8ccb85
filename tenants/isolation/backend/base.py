"""The application's database backend: no query runs outside a context.

It extends django-tenants' backend. Where that one sets the search path, this one calls `app_enter(role, schema,
tenant_id)`, one statement, once when the context changes. The mark that it was done lives on this wrapper, never on
the pooled connection below it, and is forgotten whenever PostgreSQL may have forgotten it too: on connect, close,
rollback, a failed commit and rollback to a savepoint. A statement runs in the context of the moment that it is
executed in, whenever its cursor was made.

With DATABASE_POOLING=transaction every transaction may meet another server process: the context is then set locally
to each transaction, and a statement outside a transaction gets one of its own. Nothing is left on the server process:
no session setting, no prepared statement, no server-side cursor (Django's DISABLE_SERVER_SIDE_CURSORS).
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import cached_property
from django_tenants.postgresql_backend import base as tenants_base
from psycopg.pq import TransactionStatus

from tenants.isolation.backend.login import with_login_token
from tenants.isolation.context import Context, ContextMissing
from tenants.isolation.pooling import refuse_unsafe_pooling

_ENTER = "SELECT public.app_enter(%s, %s, %s, %s)"


class DatabaseWrapper(tenants_base.DatabaseWrapper):
    """A connection that belongs to nobody until a context is entered (`tenants.isolation.context`)."""

    pooling_advice = "Set DATABASE_POOLING=transaction."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.context: Context | None = None
        self._entered: Context | None = None
        super().__init__(*args, **kwargs)
        self.transaction_pooling = settings.DATABASE_POOLING == "transaction"
        self.execute_wrappers.append(self._in_context)

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
        entered, self._entered = self._entered, None
        super().commit()
        if not self.transaction_pooling:
            self._entered = entered

    def rollback(self) -> None:
        self._entered = None
        super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        try:
            super().savepoint_rollback(sid)
        finally:
            self._entered = None

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, without prepared statements behind a transaction pooler, where they'd be another client's."""
        params: dict[str, Any] = super().get_connection_params()
        return {**params, "prepare_threshold": None} if self.transaction_pooling else params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; a URL without a password logs in by IAM. Raises ImproperlyConfigured where sessions are shared."""
        refuse_unsafe_pooling(self)
        return super().get_new_connection(with_login_token(conn_params))

    @cached_property
    def pg_version(self) -> int:
        """The server's version, from the connection itself: connecting must work without a context."""
        self.ensure_connection()
        return int(self.connection.info.server_version)

    # -- the context -------------------------------------------------------------------------------
    def _handle_search_path(self, cursor: Any = None) -> None:
        """Called for every cursor, also for what passes by Django's execute (copy, stream)."""
        if not self._needs_own_transaction():
            self._enter()

    def _in_context(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Around every statement: enter the context, in a transaction of its own where a pooler would lose it."""
        if not self._needs_own_transaction():
            self._enter()
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            self._enter()
            return execute(sql, params, many, context)

    def _needs_own_transaction(self) -> bool:
        return self.transaction_pooling and not self.in_atomic_block and self.get_autocommit()

    def _enter(self) -> None:
        context = self.context
        if context is None:
            raise ContextMissing(
                "This query has no context. Enter one: enter_customer(id), enter_platform() or enter_public()."
            )
        if self._entered == context:
            return
        self.ensure_connection()  # It may have been closed since the cursor was made.
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            return  # Nothing runs until the rollback, which clears the mark.
        tenant_id = context.tenant_id.hex if context.tenant_id else ""
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(_ENTER, (context.role, context.schema, tenant_id, self.transaction_pooling))
        self._entered = context
