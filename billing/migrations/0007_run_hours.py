"""When a plan's agents run. Those that look otherwise than their plan says were set by hand, and stay so."""

import django.core.validators
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def keep_intervals(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    alias = editor.connection.alias
    agents = apps.get_model("agents", "Agent").objects.using(alias)
    for code, minutes in (
        apps.get_model("billing", "Plan").objects.using(alias).values_list("code", "run_interval_minutes")
    ):
        agents.filter(tenant__plan=code).exclude(interval_minutes=minutes).update(follows_plan=False)


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_cards"), ("agents", "0009_follows_plan")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="run_hours",
            field=models.CharField(
                choices=[("always", "Around the clock"), ("office", "In office hours")],
                db_default="always",
                default="always",
                help_text="Office hours are Monday to Friday, 7:00 to 19:00 in the customer's time zone. A change "
                "reaches agents as the interval does.",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="plan",
            name="run_interval_minutes",
            field=models.PositiveIntegerField(
                default=15,
                help_text="Between the runs of its customers' agents. A change reaches them within a minute, except "
                "those whose interval or hours staff set by hand, on the agent's page.",
                validators=[
                    django.core.validators.MinValueValidator(5),
                    django.core.validators.MaxValueValidator(1440),
                ],
            ),
        ),
        migrations.RunPython(keep_intervals, migrations.RunPython.noop),
    ]
