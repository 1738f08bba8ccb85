"""Support access with the pages that were read in it, and the count by which a person's sessions end."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from tenants.isolation.operations import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_handover")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(
                default=0,
                db_default=0,
                editable=False,
                help_text="Counted up to end every session that the person has.",
            ),
        ),
        migrations.CreateModel(
            name="SupportAccess",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("staff_email", models.EmailField(help_text="Stays when the person goes.", max_length=254)),
                ("reason", models.CharField(help_text="Why, as the customer reads it.", max_length=200)),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="When somebody ended it before its time.", null=True),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_accesses",
                        to="tenants.customer",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at"],
                "verbose_name_plural": "support accesses",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "id"), name="supportaccess_tenant_id"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("tenant", "staff"),
                        name="supportaccess_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__lte", models.F("started_at") + datetime.timedelta(minutes=240))
                        ),
                        name="supportaccess_bounded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportVisit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("path", models.CharField(max_length=300)),
                ("times", models.PositiveIntegerField(default=1)),
                (
                    "first_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "last_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="tenants.supportaccess",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "ordering": ["first_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("access", "path"), name="supportvisit_once_a_path"),
                ],
            },
        ),
        TenantForeignKey("tenants_supportvisit", "access_id", "tenants_supportaccess"),
    ]
