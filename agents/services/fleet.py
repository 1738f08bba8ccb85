"""The switch that stops every agent of every customer. Platform context.

Owns the Fleet row. Running tasks are stopped by the dispatcher, which is called at once: thousands of StopTask calls
have no place in a web request.
"""

import logging

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from agents.models import Fleet
from tenants.models import User

logger = logging.getLogger(__name__)


def fleet_pause(*, actor: User | None, reason: str) -> Fleet:
    """No agent is started any more, and those that run are being stopped. Safe to repeat; the first reason stays."""
    Fleet.objects.filter(paused_at__isnull=True).update(
        paused_at=timezone.now(), paused_by=actor, reason=reason.strip()[:200]
    )
    logger.warning("The fleet is paused, by user %s.", actor.pk if actor else None)
    _dispatch_soon()
    return Fleet.objects.get()


def fleet_resume(*, actor: User | None) -> Fleet:
    """Agents are started again when they are due. Safe to repeat."""
    Fleet.objects.update(paused_at=None, paused_by=None, reason="")
    logger.warning("The fleet is resumed, by user %s.", actor.pk if actor else None)
    _dispatch_soon()
    return Fleet.objects.get()


def _dispatch_soon() -> None:
    """The dispatcher's next round begins on commit; without a broker, when beat calls it."""

    def send() -> None:
        from agents.tasks import agents_dispatch  # The task calls services: imported here, it closes no circle.

        try:
            agents_dispatch.delay()
        except BrokerError as error:
            logger.warning("The dispatcher is not called at once: broker %s.", type(error).__name__)

    transaction.on_commit(send)
