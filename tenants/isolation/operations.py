"""Migration operations of the isolation."""

from django.db import migrations


class TenantForeignKey(migrations.RunSQL):
    """A foreign key on `(tenant_id, id)` beside Django's own on `id`.

    PostgreSQL checks foreign keys without row-level security, so Django's key alone would let a row of one customer
    refer to another's. The parent needs a unique constraint on `(tenant_id, id)`.
    """

    def __init__(self, child: str, column: str, parent: str) -> None:
        name = f"{child}_{column}_same_tenant"
        super().__init__(
            sql=(
                f'ALTER TABLE "{child}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{column}") '
                f'REFERENCES "{parent}" (tenant_id, id) DEFERRABLE INITIALLY DEFERRED'
            ),
            reverse_sql=f'ALTER TABLE "{child}" DROP CONSTRAINT "{name}"',
        )
        self._arguments = (child, column, parent)

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, object]]:
        """The operation as a migration file writes it."""
        return (type(self).__name__, self._arguments, {})
