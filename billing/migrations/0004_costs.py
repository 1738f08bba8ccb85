"""Prices, usage, costs and alerts; the prices that the company starts with.

The rows come from billing.pricing.catalog, of which those that exist already are left as they are.
"""

import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from billing.pricing.catalog import listed


def add_prices(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    prices = apps.get_model("billing", "Price").objects.using(editor.connection.alias)
    for row in listed():
        key = {name: row.pop(name) for name in ("code", "region", "valid_from")}
        prices.get_or_create(**key, defaults=row)


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_terms"),
        ("tenants", "0006_handover"),
    ]

    operations = [
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        help_text="As fargate.vcpu_second.",
                        max_length=80,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9_.-]+\\Z", "Lower-case letters, digits, dots, hyphens, underscores."
                            )
                        ],
                    ),
                ),
                (
                    "region",
                    models.CharField(blank=True, help_text="AWS region; empty: the same everywhere.", max_length=30),
                ),
                ("unit", models.CharField(help_text="What is counted, as vCPU-second.", max_length=40)),
                (
                    "usd",
                    models.DecimalField(
                        decimal_places=9,
                        help_text="Without tax.",
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="US dollars",
                    ),
                ),
                (
                    "per",
                    models.PositiveBigIntegerField(
                        default=1,
                        help_text="How many of the unit that pays for.",
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                ("valid_from", models.DateField(help_text="The first day (UTC) that it holds.")),
                (
                    "source",
                    models.CharField(
                        help_text="Where it was read: words, and the address of the page.", max_length=300
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "ordering": ["code", "region", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("code", "region", "valid_from"), name="price_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("per__gte", 1), ("usd__gte", 0)), name="price_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetAlert",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("month", models.DateField(help_text="Its first day.")),
                ("threshold_percent", models.PositiveSmallIntegerField()),
                ("spent_micro_usd", models.PositiveBigIntegerField(help_text="When it was noticed.")),
                ("budget_micro_usd", models.PositiveBigIntegerField()),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["-month", "tenant", "threshold_percent"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "month", "threshold_percent"), name="budgetalert_once"),
                    models.UniqueConstraint(fields=("tenant", "id"), name="budgetalert_tenant_id"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=80)),
                ("micro_usd", models.PositiveBigIntegerField(help_text="Millionths of a US dollar.")),
                (
                    "derived_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.customer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "cost entries",
                "ordering": ["-day", "tenant", "kind"],
                "indexes": [models.Index(fields=["day", "kind"], name="costentry_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "day", "kind"), name="costentry_once", nulls_distinct=False
                    ),
                    models.UniqueConstraint(fields=("tenant", "id"), name="costentry_tenant_id"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LossAlert",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("month", models.DateField(help_text="Its first day.")),
                ("revenue_micro_usd", models.PositiveBigIntegerField(help_text="When it was noticed.")),
                ("forecast_micro_usd", models.PositiveBigIntegerField(help_text="What it was then expected to cost.")),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["-month", "tenant"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "month"), name="lossalert_once"),
                    models.UniqueConstraint(fields=("tenant", "id"), name="lossalert_tenant_id"),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=80)),
                ("source", models.CharField(max_length=60)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=24)),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "tenant", "kind", "source"],
                "indexes": [
                    models.Index(fields=["day", "tenant", "kind"], name="usagerecord_day"),
                    models.Index(fields=["tenant", "day"], name="usagerecord_tenant_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "kind", "day"), name="usagerecord_once"),
                    models.UniqueConstraint(fields=("tenant", "id"), name="usagerecord_tenant_id"),
                    models.CheckConstraint(condition=models.Q(("quantity__gte", 0)), name="usagerecord_not_negative"),
                ],
            },
        ),
        migrations.RunPython(add_prices, migrations.RunPython.noop),
    ]
