from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspace", "0002_engine")]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="considered_at",
            field=models.DateTimeField(
                blank=True, help_text="When Writer last had it before it, whether it wrote a draft or not.", null=True
            ),
        ),
    ]
