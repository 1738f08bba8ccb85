"""What each customer used on a day, and what that cost. Days are UTC's: each has 24 hours, whatever local clocks do."""

import uuid

from django.db import models
from django.db.models.functions import Now

from tenants.models import Customer


class UsageRecord(models.Model):
    """How much of one thing a customer used on one day, and who says so.

    `kind` is the code of the price that it is paid by. `source` is what was measured, as `run:<id>`: it counts once a
    day and kind, however often it is measured again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=80)
    source = models.CharField(max_length=60)
    quantity = models.DecimalField(max_digits=24, decimal_places=6)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-day", "tenant", "kind", "source"]
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "day"], name="usagerecord_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="usagerecord_tenant_id"),
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="usagerecord_not_negative"),
        ]
        indexes = [
            models.Index(fields=["day", "tenant", "kind"], name="usagerecord_day"),
            models.Index(fields=["tenant", "day"], name="usagerecord_tenant_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.quantity}"


class CostEntry(models.Model):
    """What one kind of thing cost for one customer on one day, in millionths of a US dollar.

    Follows from usage and prices, and can be made again from them. Without a customer: what is shared, on a day on
    which there was nobody to share it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=80)
    micro_usd = models.PositiveBigIntegerField(help_text="Millionths of a US dollar.")
    derived_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-day", "tenant", "kind"]
        verbose_name_plural = "cost entries"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "day", "kind"], nulls_distinct=False, name="costentry_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="costentry_tenant_id"),
        ]
        indexes = [models.Index(fields=["day", "kind"], name="costentry_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.micro_usd} micro-USD"
