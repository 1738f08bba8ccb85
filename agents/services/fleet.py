"""The switch that stops every agent of every customer. Platform context.

Owns the Fleet row. Running tasks are stopped by the dispatcher, which is called at once: thousands of StopTask calls
have no place in a web request.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
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


@contextmanager
def google_turn(*, seconds: float) -> Iterator[bool]:
    """Whether it is the caller's turn to ask Google about mailboxes, until the block ends, or for so long at most.

    One caller has it at a time, in all processes; who does not get it leaves the mailboxes to the one that has it.
    """
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    free = Q(asks_google_until=None) | Q(asks_google_until__lte=now)
    has_turn = Fleet.objects.filter(free).update(asks_google_until=until) == 1
    try:
        yield has_turn
    finally:
        if has_turn:
            Fleet.objects.filter(asks_google_until=until).update(asks_google_until=None)


def _dispatch_soon() -> None:
    """The dispatcher's next round begins on commit; without a broker, when beat calls it."""

    def send() -> None:
        from agents.tasks import agents_dispatch  # The task calls services: imported here, it closes no circle.

        try:
            agents_dispatch.delay()
        except BrokerError as error:
            logger.warning("The dispatcher is not called at once: broker %s.", type(error).__name__)

    transaction.on_commit(send)
