"""`manage.py customers`: who they are and where they stand."""

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q

from tenants.management.base import PlatformCommand
from tenants.models import Customer, CustomerState
from tenants.onboarding.progress import customer_as_json


class Command(PlatformCommand):
    """Lists customers."""

    help = "List customers, closed ones only on request."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", choices=CustomerState.values, help="Only those in this state.")
        parser.add_argument("--search", help="Part of a name, an address or a subdomain.")
        parser.add_argument("--json", action="store_true", help="Print them as JSON.")

    def run(self, **options: Any) -> int | None:
        found = Customer.objects.select_related("gmail").order_by("created_at")
        state = options["state"]
        found = found.filter(state=state) if state else found.exclude(state=CustomerState.CLOSED)
        if text := options["search"]:
            found = found.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(slug__icontains=text))
        customers = list(found)
        if options["json"]:
            self.write_json([customer_as_json(customer) for customer in customers])
        elif not customers:
            self.stdout.write("No customers. `manage.py onboard_customer --help` says how to onboard one.")
        else:
            self.write_table(
                ["NAME", "HOST", "STATE", "PLAN", "GMAIL", "TENANTID", "WHY"],
                [
                    [
                        one.name[:40],
                        one.host,
                        one.state,
                        one.plan,
                        one.gmail.state,
                        one.tenant_hex,
                        one.state_reason[:60],
                    ]
                    for one in customers
                ],
            )
        return None
