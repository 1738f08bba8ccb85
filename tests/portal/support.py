"""A member of the support, and browsers in which one reads a customer's pages."""

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from tenants.isolation.context import enter_platform
from tenants.members.services import support_access_open
from tenants.models import Customer, Membership, SupportAccess, User
from tests.admin.clients import signed_in
from tests.factories import make_staff
from tests.portal.visitors import Visitor, make_member

ADMIN = "admin.localhost"
REASON = "Drafts look odd, ticket 41"


def make_support() -> User:
    user = make_staff(is_superuser=False)
    with enter_platform():
        user.groups.add(Group.objects.get(name="support"))
    return user


def opened(customer: Customer, staff: User, minutes: int = 60) -> SupportAccess:
    with enter_platform():
        return support_access_open(customer=customer, staff=staff, reason=REASON, minutes=minutes)


def visitor_in_admin(staff: User) -> Visitor:
    visitor = Visitor()
    visitor.clients[ADMIN] = signed_in(staff.email)
    return visitor


def enter(visitor: Visitor, customer: Customer) -> Any:
    """Follows the button of the admin; the page where that ends."""
    page, _ = visitor.go(f"http://{customer.host}/login/?as=support")
    return page


def reading(customer: Customer, staff: User | None = None, minutes: int = 60) -> tuple[Client, SupportAccess]:
    """A browser in which staff read the customer's pages."""
    staff = staff or make_support()
    access, visitor = opened(customer, staff, minutes), visitor_in_admin(staff)
    assert enter(visitor, customer).status_code == 200
    return visitor.on(customer.host), access


def owner_of(customer: Customer) -> User:
    user = make_member(customer)
    with enter_platform():
        Membership.objects.filter(user=user).update(role="owner")
    return user
