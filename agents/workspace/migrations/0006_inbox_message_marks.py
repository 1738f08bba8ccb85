from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspace", "0005_gmail_words")]

    operations = [
        migrations.AddField(
            model_name="inboxmessage",
            name="sorted_at",
            field=models.DateTimeField(
                blank=True, help_text="When Butler went over it; until then it waits.", null=True
            ),
        ),
        migrations.AddField(
            model_name="inboxmessage",
            name="scouted_at",
            field=models.DateTimeField(
                blank=True, help_text="When Scout went over it; until then it waits.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="inboxmessage",
            index=models.Index(
                condition=models.Q(("sorted_at__isnull", True)), fields=["received_at"], name="inbox_message_unsorted"
            ),
        ),
        migrations.AddIndex(
            model_name="inboxmessage",
            index=models.Index(
                condition=models.Q(("scouted_at__isnull", True)),
                fields=["received_at"],
                name="inbox_message_unscouted",
            ),
        ),
    ]
