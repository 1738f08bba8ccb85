import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from tenants.isolation.operations import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0007_support_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="brief_since",
            field=models.DateTimeField(
                blank=True, help_text="Since when the member wants the daily brief by mail; empty: does not.", null=True
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="hot_leads_since",
            field=models.DateTimeField(
                blank=True,
                help_text="Since when the member wants a mail for each new hot lead; empty: does not.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="time_zone",
            field=models.CharField(
                blank=True, db_default="", help_text="Whose morning it is, as Europe/Berlin.", max_length=60
            ),
        ),
        migrations.AlterField(
            model_name="gmailconnection",
            name="state",
            field=models.CharField(
                choices=[
                    ("not_connected", "Not connected"),
                    ("storing", "Storing the token"),
                    ("connected", "Connected"),
                    ("needs_reconnect", "Needs to be connected again"),
                    ("disconnecting", "Being disconnected"),
                ],
                default="not_connected",
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Being made"),
                            ("ready", "Ready"),
                            ("failed", "Not made"),
                            ("expired", "Deleted"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("parts_done", models.PositiveSmallIntegerField(default=0)),
                ("parts_total", models.PositiveSmallIntegerField(default=0)),
                ("size_bytes", models.PositiveBigIntegerField(blank=True, null=True)),
                ("object_version", models.CharField(blank=True, max_length=200)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(
                        blank=True, help_text="When a worker last took it or went on with it.", null=True
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exports", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "expires_at"], name="dataexport_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("tenant",),
                        name="dataexport_one_open_a_customer",
                    ),
                    models.UniqueConstraint(fields=("tenant", "id"), name="dataexport_tenant_id"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("member", "Member")], default="member", max_length=10
                    ),
                ),
                (
                    "serial",
                    models.PositiveIntegerField(
                        default=1, help_text="Grows each time that it is sent; older links end."
                    ),
                ),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="tenants.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None)),
                        fields=("tenant", "email"),
                        name="invitation_once_open",
                    ),
                    models.UniqueConstraint(fields=("tenant", "id"), name="invitation_tenant_id"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberMail",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("brief", "Daily brief"), ("hot_lead", "New hot lead")], max_length=10),
                ),
                (
                    "subject_key",
                    models.CharField(help_text="The member's date of a brief, the id of a lead.", max_length=40),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("begun_at", models.DateTimeField(blank=True, help_text="When a worker began to send it.", null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.membership"
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
                "constraints": [
                    models.UniqueConstraint(fields=("membership", "kind", "subject_key"), name="membermail_once"),
                    models.UniqueConstraint(fields=("tenant", "id"), name="membermail_tenant_id"),
                ],
            },
        ),
        TenantForeignKey("tenants_membermail", "membership_id", "tenants_membership"),
    ]
