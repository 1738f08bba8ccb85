"""`manage.py onboard_customer`: what the admin's form does, for scripts."""

from typing import Any

from django.core.management.base import CommandParser

from tenants.management.base import PlatformCommand
from tenants.management.following import add_wait_argument, exit_code, run_followed
from tenants.onboarding.progress import customer_as_json, run_as_json
from tenants.plans import plan_choices, region_choices
from tenants.selectors import provisioning_latest
from tenants.services import customer_onboard


class Command(PlatformCommand):
    """Thin edge of tenants.services.customer_onboard."""

    help = (
        "Onboard a customer: the provisioner makes its schema, roles, storage and agents. Ends at once, or with --wait "
        "when nothing more happens by itself. "
        "Exit codes: 0 begun (with --wait: active), 1 a step failed, 2 bad input, 3 not yet (Gmail is missing)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="The company's name.")
        parser.add_argument("--email", required=True, help="The mailbox that the agents will read.")
        parser.add_argument("--subdomain", required=True, help="The customer's own host begins with it.")
        parser.add_argument("--plan", help="A plan's code; the cheapest by default.")
        parser.add_argument("--region", help="AWS region; the first that is offered by default.")
        parser.add_argument("--time-zone", default="", help="As Europe/Berlin; CUSTOMER_TIME_ZONE by default.")
        add_wait_argument(parser)
        parser.add_argument("--json", action="store_true", help="Print the customer and its steps as JSON.")

    def run(self, **options: Any) -> int | None:
        customer = customer_onboard(
            name=options["name"],
            email=options["email"],
            slug=options["subdomain"],
            plan=plan_choices()[0][0] if options["plan"] is None else options["plan"],
            region=region_choices()[0][0] if options["region"] is None else options["region"],
            time_zone=options["time_zone"],
        )
        if options["wait"] is None:
            run = provisioning_latest(customer=customer)
        else:
            say = self.stderr.write if options["json"] else self.stdout.write
            run = run_followed(customer=customer, say=say, seconds=options["wait"])
            customer.refresh_from_db()
        if options["json"]:
            self.write_json({**customer_as_json(customer), "provisioning": run_as_json(run)})
        else:
            self.stdout.write(f"{customer.name} ({customer.tenant_hex}) is {customer.get_state_display().lower()}.")
            self.stdout.write(f"Follow it: manage.py provision {customer.slug} --wait")
        return None if options["wait"] is None else exit_code(run)
