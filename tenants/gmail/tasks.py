"""Celery's way into the Gmail services: ids in, nothing out. Every task may run twice."""

import logging
import uuid

from celery import shared_task

from openclaw_site.aws.errors import AwsError
from tenants.gmail import selectors, services
from tenants.gmail.crypto import TokenUnreadable
from tenants.isolation.context import enter_platform
from tenants.onboarding.services import provisioning_wake

logger = logging.getLogger(__name__)


@shared_task(name="tenants.gmail.tasks.token_deliver")
def token_deliver(customer_id: str) -> None:
    """Bring one customer's token into Secrets Manager; what fails stays in the outbox for the sweep."""
    with enter_platform():
        try:
            services.token_deliver(customer_id=uuid.UUID(customer_id))
        except (AwsError, TokenUnreadable) as error:
            logger.warning("The Gmail token of customer %s is not stored yet: %s", customer_id, error)


@shared_task(name="tenants.gmail.tasks.tokens_sweep")
def tokens_sweep() -> None:
    """Deliver what was left lying, wake runs that overlooked their Gmail, end connections. Runs every 30 s."""
    with enter_platform():
        for customer_id in selectors.outbox_due():
            token_deliver.delay(str(customer_id))
        for customer_id in selectors.connected_but_waiting():
            provisioning_wake(customer_id=customer_id)
        for customer_id in selectors.disconnections_due():
            connection_disconnect.delay(str(customer_id))


@shared_task(name="tenants.gmail.tasks.connection_disconnect")
def connection_disconnect(customer_id: str) -> None:
    """Take the permission of a customer back, as one of its owners asked; what fails is tried again by the sweep."""
    with enter_platform():
        try:
            services.disconnection_finish(customer_id=uuid.UUID(customer_id))
        except AwsError as error:
            logger.warning("Gmail of customer %s is not disconnected yet: %s", customer_id, error)


@shared_task(name="tenants.gmail.tasks.connection_check")
def connection_check(customer_id: str) -> None:
    """Ask Gmail whether one customer's token still works."""
    with enter_platform():
        services.connection_check(customer_id=uuid.UUID(customer_id))


@shared_task(name="tenants.gmail.tasks.connections_check")
def connections_check() -> None:
    """Have every connection checked that is due. Runs every 15 minutes."""
    with enter_platform():
        for customer_id in selectors.connections_due():
            connection_check.delay(str(customer_id))
