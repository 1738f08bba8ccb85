"""One run of the onboarding (or offboarding) machine and its steps."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tenants.models.customer import Customer


class ProvisioningKind(models.TextChoices):
    """Which way the steps are walked."""

    ONBOARD = "onboard", "Onboard"
    OFFBOARD = "offboard", "Offboard"


class ProvisioningState(models.TextChoices):
    """Where a run stands. `waiting` is waiting for a person outside (Gmail consent); `failed` needs staff."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    RETRYING = "retrying", "Will try again"
    WAITING = "waiting", "Waiting"
    FAILED = "failed", "Needs a person"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class StepState(models.TextChoices):
    """Where one step stands."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    RETRYING = "retrying", "Will try again"
    WAITING = "waiting", "Waiting"
    FAILED = "failed", "Failed"
    DONE = "done", "Done"


class Provisioning(models.Model):
    """One run for one customer. Whoever holds the lease (`lease_owner`, `lease_until`, `fencing`) may write it."""

    FINISHED: ClassVar[tuple[str, ...]] = (ProvisioningState.DONE, ProvisioningState.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="provisionings")
    kind = models.CharField(max_length=10, choices=ProvisioningKind, default=ProvisioningKind.ONBOARD)
    state = models.CharField(max_length=10, choices=ProvisioningState, default=ProvisioningState.QUEUED)
    fencing = models.PositiveBigIntegerField(default=0, help_text="Grows with every claim; older holders can't write.")
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=~models.Q(state__in=["done", "cancelled"]),
                name="provisioning_one_open_a_customer",
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="provisioning_tenant_id"),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="provisioning_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tenant_id}: {self.get_state_display()}"


class ProvisioningStep(models.Model):
    """One step of a run, recorded under the fencing number of the worker that did it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    provisioning = models.ForeignKey(Provisioning, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    next_action = models.TextField(blank=True)
    found = models.JSONField(default=dict, blank=True, help_text="What the step made or, on the way out, deleted.")
    fencing = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["provisioning", "name"], name="step_once_a_run"),
            models.UniqueConstraint(fields=["tenant", "id"], name="provisioningstep_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    @property
    def seconds(self) -> float | None:
        """How long the step took from its first start to its end, or None while it is not done."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
