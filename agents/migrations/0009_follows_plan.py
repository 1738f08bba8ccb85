"""Agents go by their plan, but for those that keep office hours: no plan had any, so staff set them.

Such hours say in which time zone their customer is.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def keep_hours(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    alias = editor.connection.alias
    agents = apps.get_model("agents", "Agent").objects.using(alias).exclude(office_hours_in="")
    customers = apps.get_model("tenants", "Customer").objects.using(alias)
    for tenant, zone in agents.order_by("role").values_list("tenant_id", "office_hours_in"):
        customers.filter(pk=tenant).update(time_zone=zone)
    agents.update(follows_plan=False)


class Migration(migrations.Migration):
    dependencies = [("agents", "0008_billed"), ("tenants", "0011_time_zone")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="follows_plan",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Whether interval and office hours are those of its customer's plan, also when that changes.",
            ),
        ),
        migrations.RunPython(keep_hours, migrations.RunPython.noop),
    ]
