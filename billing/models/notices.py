"""What a customer was told about its subscription, so that it is told once."""

import uuid

from django.db import models
from django.db.models.functions import Now

from billing.models.subscriptions import Subscription
from tenants.models import Customer


class NoticeKind(models.TextChoices):
    """What a notice is about."""

    TRIAL_ENDING = "trial_ending", "Trial ending"
    PAST_DUE = "past_due", "Payment overdue"
    PAYMENT_FAILED = "payment_failed", "Payment failed"
    SUSPENDED = "suspended", "Suspended"


class Notice(models.Model):
    """One mail to a customer's owners, about one day on which something began or ends."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind)
    about = models.DateField(help_text="The day that it is about.")
    mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "kind", "about"], name="notice_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="notice_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
