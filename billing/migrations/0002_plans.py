"""The plans that the company starts with; staff change them in the admin."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PLANS = (
    ("starter", "Starter", 19_900, 60),
    ("team", "Team", 50_000, 15),
    ("always-on", "Always on", 120_000, 5),
)


def add_plans(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plans = apps.get_model("billing", "Plan").objects.using(editor.connection.alias)
    for code, name, price_cents, minutes in PLANS:
        plans.get_or_create(
            code=code, defaults={"name": name, "price_cents": price_cents, "run_interval_minutes": minutes}
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(add_plans, migrations.RunPython.noop)]
