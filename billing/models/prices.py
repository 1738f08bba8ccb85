"""What AWS and the model's maker ask for, by date and with the source."""

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now


class Price(models.Model):
    """One price from one day on. A newer row replaces it from its own day on; one that is in force stays as it is.

    `usd` pays for `per` units: 0.04656 for 3,600 vCPU-seconds, as a price list says it by the hour. A code that ends in
    `month` is asked for a month: each day of it pays its part, whether the month has 28 days or 31.
    """

    code = models.CharField(
        max_length=80,
        validators=[RegexValidator(r"^[a-z0-9_.-]+\Z", "Lower-case letters, digits, dots, hyphens, underscores.")],
        help_text="As fargate.vcpu_second.",
    )
    region = models.CharField(max_length=30, blank=True, help_text="AWS region; empty: the same everywhere.")
    unit = models.CharField(max_length=40, help_text="What is counted, as vCPU-second.")
    usd = models.DecimalField(
        "US dollars",
        max_digits=18,
        decimal_places=9,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Without tax.",
    )
    per = models.PositiveBigIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="How many of the unit that pays for."
    )
    valid_from = models.DateField(help_text="The first day (UTC) that it holds.")
    source = models.CharField(max_length=300, help_text="Where it was read: words, and the address of the page.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["code", "region", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "region", "valid_from"], name="price_once_a_day"),
            models.CheckConstraint(condition=models.Q(usd__gte=0, per__gte=1), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.region or 'everywhere'} from {self.valid_from}"
