"""Who may work on a run. Owns the claim, the heartbeat and the fence; what is recorded under it is `records`'.

A lease is a row's `lease_owner`, `lease_until` and `fencing`. It is claimed by one conditional UPDATE, which makes the
fencing number grow; whoever holds an older number can write nothing. The owner's name is new with each claim, so the
heartbeat can say "still inside a step" even after it was fenced off: closing a customer waits for that.
"""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from tenants.isolation.context import enter_platform
from tenants.models import Provisioning, ProvisioningState

logger = logging.getLogger(__name__)

# A message may be early by the difference between its clock and the database's.
_EARLY = timedelta(milliseconds=100)


class LeaseLost(Exception):
    """Another worker has the run, or it was cancelled: stop, and write nothing."""


def lease_seconds() -> float:
    """How long a claim holds without a heartbeat."""
    return float(settings.PROVISIONING_LEASE_SECONDS)


def _lease_end() -> Any:
    return Now() + timedelta(seconds=lease_seconds())


@dataclass(frozen=True)
class Lease:
    """The right to write one run, for as long as nobody took a higher number."""

    provisioning_id: uuid.UUID
    owner: str
    fencing: int

    @contextmanager
    def fenced(self, **changes: Any) -> Iterator[None]:
        """A transaction that changes the run, and whatever the block writes, only under this fencing number.

        The run's row stays locked until its end, so nobody can take the run over in between. Raises LeaseLost.
        """
        with transaction.atomic():
            own = Provisioning.objects.filter(id=self.provisioning_id, fencing=self.fencing)
            if not own.update(**{"lease_until": _lease_end(), **changes}):
                raise LeaseLost(f"run {self.provisioning_id} is no longer ours (fencing {self.fencing})")
            yield

    def renew(self) -> None:
        """Say that this owner is still at work, also after its run was cancelled: its step may still be under way.

        Raises LeaseLost when the run has another owner.
        """
        own = Provisioning.objects.filter(id=self.provisioning_id, lease_owner=self.owner)
        if not own.update(lease_until=_lease_end()):
            raise LeaseLost(f"run {self.provisioning_id} is another's")

    def let_go(self) -> None:
        """Nobody works under this claim any more: the next one, or the closing, need not wait. Safe to repeat."""
        own = Provisioning.objects.filter(id=self.provisioning_id, lease_owner=self.owner)
        own.update(lease_owner="", lease_until=None)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease in the background during the block; let go of it at the end, however it ends."""
        stopped = threading.Event()
        thread = threading.Thread(target=_beat, args=(self, stopped), name="lease-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()
            try:
                self.let_go()
            except DatabaseError as error:
                logger.warning("run %s: lease left to expire (%s)", self.provisioning_id, type(error).__name__)


def lease_claim(*, provisioning_id: uuid.UUID) -> Lease | None:
    """The lease, if the run is unfinished, due, needs no person, and nobody holds it; else None.

    Of several that try at once, one gets it. Needs the platform's context.
    """
    owner = f"{socket.gethostname()[:100]}:{os.getpid()}:{uuid.uuid4().hex}"
    claimable = (
        Provisioning.objects.filter(id=provisioning_id)
        .exclude(state__in=[*Provisioning.FINISHED, ProvisioningState.FAILED])
        .filter(Q(lease_until=None) | Q(lease_until__lte=Now()))
        .filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now() + _EARLY))
    )
    claimed = claimable.update(
        state=ProvisioningState.RUNNING,
        lease_owner=owner,
        lease_until=_lease_end(),
        fencing=F("fencing") + 1,
        next_attempt_at=None,
    )
    if not claimed:
        return None
    fencing = Provisioning.objects.filter(id=provisioning_id, lease_owner=owner).values_list("fencing", flat=True)
    number = fencing.first()
    return None if number is None else Lease(provisioning_id, owner, number)


def _beat(lease: Lease, stopped: threading.Event) -> None:
    """Renew every third of the lease. Own connection: the steps' may be in a transaction, or broken."""
    try:
        with enter_platform():
            while not stopped.wait(lease_seconds() / 3):
                try:
                    lease.renew()
                except LeaseLost:
                    return  # The next record fails on the fencing number, and the worker stops there.
                except DatabaseError as error:
                    connections["default"].close()
                    logger.warning("run %s: no heartbeat (%s)", lease.provisioning_id, type(error).__name__)
    finally:
        connections["default"].close()
