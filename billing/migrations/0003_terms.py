"""What a plan's agents may spend on the model, and how long what mail said is kept.

The plans that the company started with get a tenth of their price: with the model spent to the last cent, nine tenths
are left for Fargate and everything else. At Claude Haiku 4.5's list prices (1 and 5 USD a million tokens) a turn that
reads 10,000 tokens and writes 1,000 costs 1.5 cents, so the smallest budget pays for about 1,300 turns in a month.
"""

import django.core.validators
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BUDGETS_CENTS = {"starter": 2_000, "team": 5_000, "always-on": 12_000}


def set_budgets(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plans = apps.get_model("billing", "Plan").objects.using(editor.connection.alias)
    for code, cents in BUDGETS_CENTS.items():
        plans.filter(code=code).update(model_budget_cents=cents)


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_plans")]
    operations = [
        migrations.AlterField(
            model_name="plan",
            name="run_interval_minutes",
            field=models.PositiveIntegerField(
                default=15,
                help_text="Between the runs of a new customer's agents.",
                validators=[
                    django.core.validators.MinValueValidator(5),
                    django.core.validators.MaxValueValidator(1440),
                ],
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="model_budget_cents",
            field=models.PositiveIntegerField(
                db_default=2000,
                default=2000,
                help_text="What the three agents may spend on the model in a month.",
                verbose_name="model budget in US cents",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="mail_retention_days",
            field=models.PositiveIntegerField(
                db_default=90,
                default=90,
                help_text="How long messages, leads, drafts and briefs are kept. 30 days to ten years.",
                validators=[
                    django.core.validators.MinValueValidator(30),
                    django.core.validators.MaxValueValidator(3650),
                ],
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("mail_retention_days__range", (30, 3650))), name="plan_mail_retention_days"
            ),
        ),
        migrations.RunPython(set_budgets, migrations.RunPython.noop),
    ]
