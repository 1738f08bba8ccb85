"""Support access: a member of staff reads one customer's own host for a while, and the customer sees it."""

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models.customer import Customer

SUPPORT_MINUTES_AT_MOST: Final = 240


class SupportAccess(models.Model):
    """Permission to read, for one person, with a reason and an end. It stays as a record when it has ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="support_accesses")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    staff_email = models.EmailField(help_text="Stays when the person goes.")
    reason = models.CharField(max_length=200, help_text="Why, as the customer reads it.")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When somebody ended it before its time.")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-started_at"]
        verbose_name_plural = "support accesses"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="supportaccess_tenant_id"),
            models.UniqueConstraint(
                fields=["tenant", "staff"], condition=models.Q(ended_at=None), name="supportaccess_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__lte=models.F("started_at") + timedelta(minutes=SUPPORT_MINUTES_AT_MOST)),
                name="supportaccess_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"Support access of {self.staff_email}"

    @property
    def is_open(self) -> bool:
        """Whether its person may read now, as far as this row says."""
        return self.ended_at is None and self.expires_at > timezone.now()


class SupportVisit(models.Model):
    """A page that was read in a support access. Its path only: what was searched for is the customer's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    access = models.ForeignKey(SupportAccess, on_delete=models.CASCADE, related_name="visits")
    path = models.CharField(max_length=300)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now(), editable=False)
    last_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["first_at"]
        constraints = [models.UniqueConstraint(fields=["access", "path"], name="supportvisit_once_a_path")]

    def __str__(self) -> str:
        return self.path
