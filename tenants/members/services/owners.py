"""That a customer keeps an owner, whoever takes one away: its own owners, or staff. Any context that sees its members.

It is asked of locked rows: of two who each take away one of the last two, the second finds that it is the last.
"""

import uuid

from tenants.members.errors import LastOwner
from tenants.models import Customer, CustomerState, Membership, MembershipRole


def owners_lock(customer_id: uuid.UUID) -> list[Membership]:
    """In the order of their ids, so that two who do this at once wait for each other and never in a ring."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    return list(rows.filter(tenant_id=customer_id, role=MembershipRole.OWNER).order_by("id"))


def another_check(owners: list[Membership], leaving: Membership) -> None:
    """Somebody who can sign in remains, or LastOwner is raised. Staff and deactivated people have no way in, so they
    don't count.
    """
    if leaving.id not in {owner.id for owner in owners}:
        return
    if not any(one.id != leaving.id and one.user.is_active and not one.user.is_staff for one in owners):
        raise LastOwner


def owner_remains_check(*, customer: Customer, leaving: Membership) -> None:
    """The customer has an owner without this one; whose account is closed needs none. The rows stay locked until the
    transaction ends. Raises LastOwner.
    """
    if customer.state != CustomerState.CLOSED:
        another_check(owners_lock(customer.id), leaving)
