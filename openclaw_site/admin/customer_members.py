"""The members' part of a customer's page: who they are, one more, one fewer."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from openclaw_site.admin.acting import act
from tenants.members.selectors import members_of
from tenants.members.services import member_add, member_remove
from tenants.models import Customer, MembershipRole

ADD, REMOVE, VIEW = "tenants.add_membership", "tenants.delete_membership", "tenants.view_membership"


def members(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What the template needs; nobody's address for staff who may not see members."""
    user = request.user
    may_see = user.has_perm(VIEW)
    return {
        "members": list(members_of(customer=customer)) if may_see else [],
        "member_roles": MembershipRole.choices,
        "may_see_members": may_see,
        "may_add_members": user.has_perm(ADD),
        "may_remove_members": user.has_perm(REMOVE),
    }


def add_member(request: HttpRequest, customer: Customer) -> None:
    """The person of the form belongs to the customer and has a mail on its way. Raises PermissionDenied."""
    if not request.user.has_perm(ADD):
        raise PermissionDenied

    def add() -> str:
        email, role = request.POST.get("email", ""), request.POST.get("role", "")
        membership = member_add(customer=customer, email=email, role=role)
        return f"{membership.user.email} is a member now. A mail with the way in is being sent."

    act(request, add, customer=customer)


def remove_member(request: HttpRequest, customer: Customer) -> None:
    """The member of the button is one no longer. Raises PermissionDenied."""
    if not request.user.has_perm(REMOVE):
        raise PermissionDenied

    def remove() -> str:
        email = member_remove(customer=customer, membership_id=_uuid(request.POST.get("remove", "")))
        return f"{email} is no longer a member." if email else "That member was gone already."

    act(request, remove, customer=customer)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
