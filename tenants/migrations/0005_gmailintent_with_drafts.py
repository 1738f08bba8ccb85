from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_customer_is_canary")]

    operations = [
        migrations.AddField(
            model_name="gmailintent",
            name="with_drafts",
            field=models.BooleanField(
                default=False, help_text="Whether the person also wants approved drafts to be put into Gmail."
            ),
        ),
    ]
