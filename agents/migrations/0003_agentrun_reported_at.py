from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0002_same_tenant")]

    operations = [
        migrations.AddField(
            model_name="agentrun",
            name="reported_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When onboarding told a person that this run failed and stopped trying.",
                null=True,
            ),
        ),
    ]
