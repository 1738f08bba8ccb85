"""Which customers try a new version of the agents first."""

import logging

from tenants.models import Customer, User

logger = logging.getLogger(__name__)


def customer_canary_set(*, customer: Customer, is_canary: bool, actor: User | None) -> None:
    """From its next run on the customer's agents follow the canaries, or no longer. Safe to repeat.

    `customer` is brought up to date. Needs the platform's context.
    """
    if Customer.objects.filter(id=customer.id).exclude(is_canary=is_canary).update(is_canary=is_canary):
        logger.info("customer %s is canary: %s, by user %s", customer.id, is_canary, actor.pk if actor else "-")
    customer.refresh_from_db()
