"""`manage.py member_add --customer CUSTOMER --email ADDRESS`: somebody may read a customer's pages."""

from typing import Any

from django.core.management.base import CommandParser

from tenants.management.base import PlatformCommand
from tenants.members.addresses import portal_url
from tenants.members.services import member_add, password_link
from tenants.models import MembershipRole


class Command(PlatformCommand):
    """Thin edge of tenants.members.services.member_add."""

    help = (
        "Add a member to a customer, mail them where to go, and print the link with which a new one sets a password. "
        "Safe to repeat: a member who is there already gets the role, if one is given, and the mail again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customer", required=True, help="Subdomain, id, TenantID or exact name.")
        parser.add_argument("--email", required=True, help="The member's address; a user is made where there is none.")
        parser.add_argument(
            "--role", choices=MembershipRole.values, help="member by default; a known one keeps theirs."
        )
        parser.add_argument("--json", action="store_true", help="As JSON: customer, email, role, url, password_url.")

    def run(self, **options: Any) -> None:
        customer = self.customer(options["customer"])
        membership = member_add(customer=customer, email=options["email"], role=options["role"])
        user = membership.user
        link = None if user.has_usable_password() else password_link(user=user)
        url = portal_url(host=customer.host)
        if options["json"]:
            values = {"customer": customer.slug, "email": user.email, "role": membership.role}
            self.write_json({**values, "url": url, "password_url": link})
            return
        self.stdout.write(f"{user.email} belongs to {customer.name} ({membership.get_role_display().lower()}): {url}")
        if link is not None:
            self.stdout.write(f"To set a password, once: {link}")
