"""What a view on a customer's host is given."""

from django.http import HttpRequest

from tenants.models import Customer, Membership


class MemberRequest(HttpRequest):
    """A request whose membership was looked up just now."""

    membership: Membership

    @property
    def customer(self) -> Customer:
        """The customer whose host this is."""
        return self.membership.tenant
