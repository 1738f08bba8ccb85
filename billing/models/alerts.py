"""What people were told about money, so that they are told once."""

import uuid

from django.db import models
from django.db.models.functions import Now

from tenants.models import Customer


class BudgetAlert(models.Model):
    """A customer's agents have spent this share of the month's model budget."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    month = models.DateField(help_text="Its first day.")
    threshold_percent = models.PositiveSmallIntegerField()
    spent_micro_usd = models.PositiveBigIntegerField(help_text="When it was noticed.")
    budget_micro_usd = models.PositiveBigIntegerField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-month", "tenant", "threshold_percent"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month", "threshold_percent"], name="budgetalert_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="budgetalert_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold_percent} % of {self.month:%Y-%m}"


class LossAlert(models.Model):
    """A customer is expected to cost more this month than it pays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    month = models.DateField(help_text="Its first day.")
    revenue_micro_usd = models.PositiveBigIntegerField(help_text="When it was noticed.")
    forecast_micro_usd = models.PositiveBigIntegerField(help_text="What it was then expected to cost.")
    mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-month", "tenant"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month"], name="lossalert_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="lossalert_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"Loss in {self.month:%Y-%m}"
