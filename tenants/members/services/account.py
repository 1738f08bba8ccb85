"""What owners decide about the account as a whole, on the customer's own host: its time zone, and its end."""

import logging

from tenants.isolation.context import enter_platform
from tenants.members.services.team import owner_check
from tenants.models import Customer, Membership
from tenants.services import customer_close
from tenants.validators import validate_time_zone

logger = logging.getLogger(__name__)


def account_time_zone_set(*, actor: Membership, time_zone: str) -> None:
    """The customer's office hours are in this time zone; its agents follow. Safe to repeat. In the customer's context.

    Raises OwnersOnly, and ValidationError for a time zone that there is not.
    """
    owner_check(actor=actor)
    validate_time_zone(time_zone)
    Customer.objects.filter(id=actor.tenant_id).update(time_zone=time_zone)
    logger.info("customer %s is in %s, by user %s", actor.tenant_id, time_zone, actor.user_id)


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
