"""What two columns of a draft say. Changes no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspace", "0004_draft_edits_and_gmail")]

    operations = [
        migrations.AlterField(
            model_name="draft",
            name="gmail_claimed_at",
            field=models.DateTimeField(
                blank=True, help_text="When it was last asked for, or claimed by who puts it there.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="draft",
            name="gmail_note",
            field=models.TextField(
                blank=True,
                db_default="",
                help_text="Why it is not in Gmail, and what to do; or what is not as one would expect of it there.",
            ),
        ),
    ]
