"""An archive of a customer's data, from when it is asked for until it is gone again."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer


class ExportState(models.TextChoices):
    """Where an archive stands."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Not made"
    EXPIRED = "expired", "Deleted"


class DataExport(models.Model):
    """One archive in the customer's part of the bucket, and how far it is made."""

    OPEN: ClassVar[tuple[str, ...]] = (ExportState.QUEUED, ExportState.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    parts_done = models.PositiveSmallIntegerField(default=0)
    parts_total = models.PositiveSmallIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    object_version = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When a worker last took it or went on with it.")
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(state__in=["queued", "running"]),
                name="dataexport_one_open_a_customer",
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="dataexport_tenant_id"),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="dataexport_due")]

    def __str__(self) -> str:
        return f"Export {self.id}: {self.state}"

    @property
    def object_name(self) -> str:
        """Its name below the customer's prefix."""
        return f"exports/{self.id.hex}.zip"
