"""What can be bought."""

from django.core.validators import MinValueValidator
from django.db import models


class Plan(models.Model):
    """What a customer pays a month, and how often its agents look."""

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    price_cents = models.PositiveIntegerField(help_text="A month, without tax.")
    currency = models.CharField(max_length=3, default="USD", help_text="ISO 4217.")
    run_interval_minutes = models.PositiveIntegerField(default=15, validators=[MinValueValidator(5)])
    is_active = models.BooleanField(default=True, help_text="Whether new customers can have it.")

    class Meta:
        ordering = ["price_cents", "code"]

    def __str__(self) -> str:
        return self.name
