"""The index by which runs are found that ended and have no figures yet. Built beside the writes, so outside a transaction."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("agents", "0006_figures")]

    operations = [
        AddIndexConcurrently(
            model_name="agentrun",
            index=models.Index(
                condition=models.Q(("measured_at", None), ("stopped_at__isnull", False)),
                fields=["stopped_at"],
                name="agentrun_unmeasured",
            ),
        ),
    ]
