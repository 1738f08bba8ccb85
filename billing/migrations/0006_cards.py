"""What is known of Stripe's side: accounts, prices, visits and events."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from tenants.isolation.operations import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_subscriptions"),
        ("tenants", "0009_signup"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="failed_on",
            field=models.DateField(blank=True, help_text="Since when its card is refused.", null=True),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="payment_reference",
            field=models.CharField(blank=True, help_text="As the bank, or Stripe, calls the payment.", max_length=100),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("trial_ending", "Trial ending"),
                    ("past_due", "Payment overdue"),
                    ("payment_failed", "Payment failed"),
                    ("suspended", "Suspended"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="payment",
            field=models.CharField(
                choices=[("manual", "Invoice, by transfer"), ("stripe", "Card, every month")],
                default="manual",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="CardPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "amount_minor",
                    models.PositiveBigIntegerField(help_text="In the currency's smallest unit, tax included."),
                ),
                ("currency", models.CharField(max_length=3)),
                ("price_ref", models.CharField(max_length=255, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.plan"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CardAccount",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("customer_ref", models.CharField(max_length=255, unique=True, verbose_name="customer at Stripe")),
                (
                    "subscription_ref",
                    models.CharField(
                        blank=True,
                        help_text="While it goes on.",
                        max_length=255,
                        null=True,
                        unique=True,
                        verbose_name="subscription at Stripe",
                    ),
                ),
                (
                    "cancels",
                    models.BooleanField(
                        default=False, help_text="Whether it ends at Stripe with the period that runs."
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(blank=True, help_text="Since when a worker compares both sides.", null=True),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "subscription",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="card_account",
                        to="billing.subscription",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.customer"
                    ),
                ),
                (
                    "price",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.cardprice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CardVisit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("subscribe", "Pay every month by card"),
                            ("invoice", "Pay one invoice by card"),
                            ("portal", "Change the card"),
                        ],
                        max_length=10,
                    ),
                ),
                ("url", models.URLField(blank=True, max_length=2000)),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.invoice",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.subscription"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentEvent",
            fields=[
                ("id", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=100)),
                ("object_ref", models.CharField(max_length=255, verbose_name="object")),
                ("happened_at", models.DateTimeField()),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("tries", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, db_default="", default="", max_length=300)),
            ],
            options={
                "verbose_name": "message from Stripe",
                "verbose_name_plural": "messages from Stripe",
                "ordering": ["-happened_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)), fields=["received_at"], name="paymentevent_waits"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="cardprice",
            constraint=models.UniqueConstraint(fields=("plan", "amount_minor", "currency"), name="cardprice_once"),
        ),
        migrations.AddConstraint(
            model_name="cardaccount",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="cardaccount_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="cardvisit",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="cardvisit_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="cardvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invoice__isnull", False), ("kind", "invoice")),
                    models.Q(models.Q(("kind", "invoice"), _negated=True), ("invoice__isnull", True)),
                    _connector="OR",
                ),
                name="cardvisit_invoice",
            ),
        ),
        TenantForeignKey("billing_cardaccount", "subscription_id", "billing_subscription"),
        TenantForeignKey("billing_cardvisit", "subscription_id", "billing_subscription"),
        TenantForeignKey("billing_cardvisit", "invoice_id", "billing_invoice"),
    ]
