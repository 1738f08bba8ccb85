from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspace", "0003_lead_considered_at")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="edited_by",
            field=models.TextField(
                blank=True,
                db_default="",
                help_text="Who last changed Writer's words, which then are not Writer's to replace.",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="gmail_state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("queued", "On its way"),
                    ("putting", "Being put into Gmail"),
                    ("done", "In Gmail"),
                    ("failed", "Not in Gmail"),
                ],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="gmail_claimed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="gmail_message_id",
            field=models.TextField(blank=True, db_default="", help_text="Gmail's id of the draft's message."),
        ),
        migrations.AddField(
            model_name="draft",
            name="gmail_note",
            field=models.TextField(blank=True, db_default="", help_text="Why it is not in Gmail, and what to do."),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["tenant_id", "-created_at"], name="activity_newest"),
        ),
    ]
