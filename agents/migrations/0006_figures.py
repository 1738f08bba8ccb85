"""What a run used, copied from the customer's schema; the wait for the next month's budget; who asks Google.

The defaults stand in the database too: programs of the release before go on inserting runs until they are restarted.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0005_agent_office_hours")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="spent_budget_cents",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="The model budget (US cents a month) that was spent when it was told to wait for the next month.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="cache_read_tokens",
            field=models.PositiveBigIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="cache_write_tokens",
            field=models.PositiveBigIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="cost_micro_usd",
            field=models.PositiveBigIntegerField(
                default=0, db_default=0, help_text="Of the model, in millionths of a US dollar."
            ),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="engine_peak_mib",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="engine_seconds",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="input_tokens",
            field=models.PositiveBigIntegerField(
                default=0, db_default=0, help_text="Neither read from the cache nor written to it."
            ),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="measured_at",
            field=models.DateTimeField(
                blank=True, help_text="When these figures were copied from the customer's schema.", null=True
            ),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="model_budget_cents",
            field=models.PositiveIntegerField(
                default=0,
                db_default=0,
                help_text="The customer's budget for the model when it was started, in US cents a month.",
            ),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="model_calls",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="output_tokens",
            field=models.PositiveBigIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="agentrun",
            name="tool_refusals",
            field=models.PositiveIntegerField(default=0, db_default=0, help_text="Calls of tools that were refused."),
        ),
        migrations.AddField(
            model_name="fleet",
            name="asks_google_until",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="So long one round of the dispatcher asks Google for all.",
                null=True,
            ),
        ),
    ]
