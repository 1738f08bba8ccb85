from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_customer_is_canary")]

    operations = [
        migrations.AddField(
            model_name="gmailintent",
            name="with_drafts",
            # In the database too: programs of the release before insert without it until they are restarted.
            field=models.BooleanField(
                default=False,
                db_default=False,
                help_text="Whether the person also wants approved drafts to be put into Gmail.",
            ),
        ),
    ]
