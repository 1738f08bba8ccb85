"""One step of a member from the public host, where they signed in, to their customer's host."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer


class HandOver(models.Model):
    """Permission to enter one customer's host once, in one browser, within seconds. Deleted when it is used."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    browser = models.CharField(max_length=64, help_text="Hash of the cookie of the browser that asked for it.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "id"], name="handover_tenant_id")]

    def __str__(self) -> str:
        return f"Hand-over of {self.user_id} to {self.tenant_id}"
