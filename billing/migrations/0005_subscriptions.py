"""Subscriptions, invoices and notices."""

import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import billing.money
from tenants.isolation.operations import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_costs"),
        ("tenants", "0006_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoiceSeries",
            fields=[
                ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("last_number", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "invoice series",
            },
        ),
        migrations.AddField(
            model_name="plan",
            name="members_limit",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="How many people may belong to a customer. Empty: as many as it likes.", null=True
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="trial_days",
            field=models.PositiveSmallIntegerField(
                db_default=14,
                default=14,
                help_text="Before the first period is paid for. 0: none.",
                validators=[django.core.validators.MaxValueValidator(365)],
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="currency",
            field=models.CharField(
                default="USD",
                help_text="ISO 4217, as USD, EUR, JPY.",
                max_length=3,
                validators=[billing.money.validate_currency],
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="price_cents",
            field=models.PositiveIntegerField(
                help_text="A month, without tax: in cents, or in yen where the currency has no cents. A new price holds from the next period on.",
                verbose_name="price in the smallest unit",
            ),
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("trial", "Trial"),
                            ("active", "Active"),
                            ("past_due", "Past due"),
                            ("suspended", "Suspended"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="trial",
                        max_length=10,
                    ),
                ),
                (
                    "payment",
                    models.CharField(choices=[("manual", "Invoice, by transfer")], default="manual", max_length=10),
                ),
                (
                    "agreed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When somebody agreed to pay. A trial that ends without it is not charged.",
                        null=True,
                    ),
                ),
                ("trial_ends_on", models.DateField(help_text="The first day that is paid for.")),
                (
                    "anchor_day",
                    models.PositiveSmallIntegerField(
                        help_text="Day of the month on which periods begin; the last day of a month that has none such.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                    ),
                ),
                (
                    "period_start",
                    models.DateField(blank=True, help_text="First day of the period that runs.", null=True),
                ),
                ("period_end", models.DateField(blank=True, help_text="First day of the next one.", null=True)),
                ("past_due_on", models.DateField(blank=True, help_text="Since when it waits for money.", null=True)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "has_paused",
                    models.BooleanField(default=False, help_text="Whether the customer is paused for want of payment."),
                ),
                ("cancels", models.BooleanField(default=False, help_text="Whether it ends with the period that runs.")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "billing_name",
                    models.CharField(blank=True, help_text="On invoices; empty: the customer's name.", max_length=200),
                ),
                ("billing_address", models.TextField(blank=True, max_length=500)),
                ("tax_id", models.CharField(blank=True, max_length=40, verbose_name="VAT or tax number")),
                (
                    "billing_email",
                    models.EmailField(blank=True, help_text="Where invoices go; empty: to the owners.", max_length=254),
                ),
                (
                    "tax_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Empty: the company's rate. 0 where the customer owes the tax itself.",
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "next_plan",
                    models.ForeignKey(
                        blank=True,
                        help_text="From the next period on.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.plan",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.plan"),
                ),
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subscription", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["tenant"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("trial_ending", "Trial ending"),
                            ("past_due", "Payment overdue"),
                            ("suspended", "Suspended"),
                        ],
                        max_length=20,
                    ),
                ),
                ("about", models.DateField(help_text="The day that it is about.")),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.customer"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="billing.subscription"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "Invoice"), ("credit_note", "Credit note")],
                        default="invoice",
                        max_length=12,
                    ),
                ),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("period_start", models.DateField()),
                ("period_end", models.DateField(help_text="The first day that is not in it.")),
                ("seller", models.TextField(help_text="As it stood in the settings.")),
                ("buyer", models.TextField()),
                ("buyer_tax_id", models.CharField(blank=True, max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("net_minor", models.BigIntegerField()),
                ("tax_percent", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=5)),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("paid", "Paid"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("paid_on", models.DateField(blank=True, null=True)),
                (
                    "payment_reference",
                    models.CharField(blank=True, help_text="As the bank calls the transfer.", max_length=100),
                ),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        help_text="What it takes back.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note",
                        to="billing.invoice",
                    ),
                ),
                (
                    "paid_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="The member of staff who saw the money.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.customer"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="billing.subscription"
                    ),
                ),
            ],
            options={
                "ordering": ["-issued_on", "-number"],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("description", models.CharField(max_length=200)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="billing.invoice"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["invoice", "id"],
                "constraints": [models.UniqueConstraint(fields=("tenant", "id"), name="invoiceline_tenant_id")],
            },
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["state", "period_end"], name="subscription_state"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="subscription_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["trial", "active", "past_due", "suspended", "cancelled"])),
                name="subscription_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period_end__gt", models.F("period_start")), ("period_start", None), _connector="OR"
                ),
                name="subscription_period_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("subscription", "kind", "about"), name="notice_once"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="notice_tenant_id"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(condition=models.Q(("state", "open")), fields=["due_on"], name="invoice_open"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="invoice_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "invoice"), models.Q(("state", "cancelled"), _negated=True)),
                fields=("subscription", "period_start"),
                name="invoice_once_a_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net_minor"), "+", models.F("tax_minor")
                        ),
                    )
                ),
                name="invoice_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_on__isnull", False), ("state", "paid")),
                    models.Q(("state", "paid"), _negated=True),
                    _connector="OR",
                ),
                name="invoice_paid_on",
            ),
        ),
        TenantForeignKey("billing_notice", "subscription_id", "billing_subscription"),
        TenantForeignKey("billing_invoice", "subscription_id", "billing_subscription"),
        TenantForeignKey("billing_invoice", "corrects_id", "billing_invoice"),
        TenantForeignKey("billing_invoiceline", "invoice_id", "billing_invoice"),
    ]
