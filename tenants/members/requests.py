"""What a view on a customer's host is given."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from tenants.models import Customer, Membership


class MemberRequest(HttpRequest):
    """A request whose membership was looked up just now."""

    membership: Membership
    # True where a page's script asks, by django-htmx's middleware.
    htmx: HtmxDetails

    @property
    def customer(self) -> Customer:
        """The customer whose host this is."""
        return self.membership.tenant
