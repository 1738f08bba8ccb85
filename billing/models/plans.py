"""What can be bought."""

from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from agents.words import OFFICE_HOURS, rhythm
from billing.money import format_money, validate_currency

RETENTION_DAYS: Final = (30, 3650)


class RunHours(models.TextChoices):
    """When a plan's agents run."""

    ALWAYS = "always", "Around the clock"
    OFFICE = "office", "In office hours"


class Plan(models.Model):
    """What a customer pays a month, and what its agents may do for that."""

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    price_cents = models.PositiveIntegerField(
        "price in the smallest unit",
        help_text="A month, without tax: in cents, or in yen where the currency has no cents. A new price holds from "
        "the next period on.",
    )
    currency = models.CharField(
        max_length=3, default="USD", validators=[validate_currency], help_text="ISO 4217, as USD, EUR, JPY."
    )
    trial_days = models.PositiveSmallIntegerField(
        default=14,
        db_default=14,
        validators=[MaxValueValidator(365)],
        help_text="Before the first period is paid for. 0: none.",
    )
    members_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many people may belong to a customer. Empty: as many as it likes."
    )
    run_interval_minutes = models.PositiveIntegerField(
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
        help_text="Between the runs of its customers' agents. A change reaches them within a minute, except those "
        "whose interval or hours staff set by hand, on the agent's page.",
    )
    run_hours = models.CharField(
        max_length=10,
        choices=RunHours,
        default=RunHours.ALWAYS,
        db_default=RunHours.ALWAYS,
        help_text=f"Office hours are {OFFICE_HOURS} in the customer's time zone. A change reaches agents as the "
        "interval does.",
    )
    model_budget_cents = models.PositiveIntegerField(
        "model budget in US cents",
        default=2_000,
        db_default=2_000,
        help_text="What the three agents may spend on the model in a month.",
    )
    mail_retention_days = models.PositiveIntegerField(
        default=90,
        db_default=90,
        validators=[MinValueValidator(RETENTION_DAYS[0]), MaxValueValidator(RETENTION_DAYS[1])],
        help_text="How long messages, leads, drafts and briefs are kept. 30 days to ten years.",
    )
    is_active = models.BooleanField(default=True, help_text="Whether new customers can have it.")

    class Meta:
        ordering = ["price_cents", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mail_retention_days__range=RETENTION_DAYS), name="plan_mail_retention_days"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> str:
        """What it costs a month, as a person writes it: $500.00, ¥50,000."""
        return format_money(self.price_cents, self.currency)

    @property
    def rhythm(self) -> str:
        """How often and when its agents look: `every 15 minutes, around the clock`."""
        return rhythm(self.run_interval_minutes, in_office_hours=self.run_hours == RunHours.OFFICE)
