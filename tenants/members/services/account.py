"""The end of an account, as one of its owners asks for it on the customer's own host."""

from tenants.isolation.context import enter_platform
from tenants.members.services.team import owner_check
from tenants.models import Customer, Membership
from tenants.services import customer_close


def account_close(*, actor: Membership, typed: str) -> bool:
    """The customer is being closed; False, and nothing is done, when `typed` is not its subdomain. Safe to repeat.

    Whether the actor is an owner is asked in the customer's context. The closing itself writes what the customer's
    role can't even see, so it is done in the platform's, entered for that alone. Raises OwnersOnly.
    """
    owner_check(actor=actor)
    if typed.strip().lower() != actor.tenant.slug:
        return False
    with enter_platform():
        customer_close(customer=Customer.objects.get(id=actor.tenant_id), actor=actor.user)
    return True
