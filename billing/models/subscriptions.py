"""Who has which plan, since when, until when, and in which state."""

import uuid
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from billing.models.plans import Plan
from tenants.models import Customer


class SubscriptionState(models.TextChoices):
    """Where a subscription stands. Agents run in the first three."""

    TRIAL = "trial", "Trial"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Past due"
    SUSPENDED = "suspended", "Suspended"
    CANCELLED = "cancelled", "Cancelled"


class Payment(models.TextChoices):
    """How a customer pays; the name of a provider in `billing.payments`."""

    MANUAL = "manual", "Invoice, by transfer"
    STRIPE = "stripe", "Card, every month"


class Subscription(models.Model):
    """What one customer has bought. Its states change in `billing.services` only."""

    RUNNING: ClassVar[tuple[str, ...]] = (
        SubscriptionState.TRIAL,
        SubscriptionState.ACTIVE,
        SubscriptionState.PAST_DUE,
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="subscription")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    next_plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="From the next period on."
    )
    state = models.CharField(max_length=10, choices=SubscriptionState, default=SubscriptionState.TRIAL)
    payment = models.CharField(max_length=10, choices=Payment, default=Payment.MANUAL)
    agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody agreed to pay. A trial that ends without it is not charged."
    )
    trial_ends_on = models.DateField(help_text="The first day that is paid for.")
    anchor_day = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="Day of the month on which periods begin; the last day of a month that has none such.",
    )
    period_start = models.DateField(null=True, blank=True, help_text="First day of the period that runs.")
    period_end = models.DateField(null=True, blank=True, help_text="First day of the next one.")
    past_due_on = models.DateField(null=True, blank=True, help_text="Since when it waits for money.")
    suspended_at = models.DateTimeField(null=True, blank=True)
    has_paused = models.BooleanField(default=False, help_text="Whether the customer is paused for want of payment.")
    cancels = models.BooleanField(default=False, help_text="Whether it ends with the period that runs.")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    billing_name = models.CharField(max_length=200, blank=True, help_text="On invoices; empty: the customer's name.")
    billing_address = models.TextField(max_length=500, blank=True)
    tax_id = models.CharField("VAT or tax number", max_length=40, blank=True)
    billing_email = models.EmailField(blank=True, help_text="Where invoices go; empty: to the owners.")
    tax_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Empty: the company's rate. 0 where the customer owes the tax itself.",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["tenant"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="subscription_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(state__in=SubscriptionState.values), name="subscription_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(period_end__gt=models.F("period_start")) | models.Q(period_start=None),
                name="subscription_period_forward",
            ),
        ]
        indexes = [models.Index(fields=["state", "period_end"], name="subscription_state")]

    def __str__(self) -> str:
        return f"{self.tenant}, {self.plan_id} ({self.get_state_display()})"
