"""A run's agent is of the run's customer; the fleet's one row."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from tenants.isolation.operations import TenantForeignKey


def add_fleet(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("agents", "Fleet").objects.using(editor.connection.alias).get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]
    operations = [
        TenantForeignKey("agents_agentrun", "agent_id", "agents_agent"),
        migrations.RunPython(add_fleet, migrations.RunPython.noop),
    ]
