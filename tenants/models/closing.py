"""Who is told that an account is closed."""

import uuid

from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer


class ClosingMail(models.Model):
    """One owner's address, written down when the closing begins: members may be gone when it is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "email"], name="closingmail_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="closingmail_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"Closing mail {self.id}"
