"""`manage.py cost_report`: what customers cost in a month and what is left, or what a scenario would cost."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from billing.days import day_of, month_first
from billing.management.base import BillingCommand
from billing.management.monthly import customer_report, month_report
from billing.management.scenario import write_scenario
from billing.scenarios import SCENARIOS, scenario_report
from billing.scenarios.report import as_json
from tenants.management.base import EXIT_USAGE


class Command(BillingCommand):
    """Prints and exports costs."""

    help = (
        "Costs, revenue and margin of a month by customer and plan, with the forecast of a month that goes on; or the "
        "costs of a scenario from the table of prices. Exit codes: 0 printed, 1 a price is missing, 2 wrong words."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--month", help="As 2026-11. Without it: this month (UTC).")
        what.add_argument("--scenario", choices=SCENARIOS, help="One of the two environments that were sketched.")
        parser.add_argument("--customer", help="Only this one, by kind: subdomain, id, TenantID or exact name.")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="Print it as JSON.")
        form.add_argument("--csv", action="store_true", help="Print it as CSV, with dollars to the millionth.")

    def run(self, **options: Any) -> int | None:
        today = day_of(timezone.now())
        if options["scenario"]:
            if options["customer"] or options["csv"]:
                raise CommandError("A scenario has no --customer and no --csv.", returncode=EXIT_USAGE)
            report = scenario_report(name=options["scenario"], day=today)
            self.write_json(as_json(report)) if options["json"] else write_scenario(self, report)
            return None
        month = self.month(options["month"]) if options["month"] else month_first(today)
        form = "json" if options["json"] else "csv" if options["csv"] else "table"
        if options["customer"]:
            customer_report(self, self.customer(options["customer"]), month=month, form=form)
        else:
            month_report(self, month=month, today=today, form=form)
        return None
