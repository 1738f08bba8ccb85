"""What a run is billed by: when its image's pull began, and which model it asked."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0007_unmeasured"),
        ("tenants", "0006_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="agentrun",
            name="model",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="The model that it asked, by its id.", max_length=120
            ),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="pull_started_at",
            field=models.DateTimeField(
                blank=True, help_text="When the pull of its image began, from which on Fargate is paid.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="agentrun",
            index=models.Index(fields=["stopped_at"], name="agentrun_stopped"),
        ),
    ]
