"""Who may work on a run, and the only way to record what was done.

A lease is claimed by one conditional UPDATE, which also raises the fencing number. Every record is made in a short
transaction that first finds the run still under that number; a worker that was fenced off gets LeaseLost instead.
Times are the database's, so the workers' clocks don't matter.
"""

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.utils import DEFAULT_DB_ALIAS

from tenants.isolation.context import enter_platform
from tenants.models import Provisioning, ProvisioningState, ProvisioningStep

_CLAIMABLE = [
    ProvisioningState.QUEUED,
    ProvisioningState.RUNNING,
    ProvisioningState.RETRYING,
    ProvisioningState.WAITING,
]


class LeaseLost(Exception):
    """Somebody else has the run, or it was cancelled: stop without writing."""


class Lease:
    """The right to work on one run, under one fencing number."""

    def __init__(self, run: Provisioning, owner: str) -> None:
        self.run = run
        self.owner = owner
        self.fencing = run.fencing
        self._lost = threading.Event()
        self._stop = threading.Event()

    @classmethod
    def claim(cls, run_id: uuid.UUID) -> "Lease | None":
        """The lease, or None when the run is finished, needs a person, is not due yet or is somebody else's."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}:{uuid.uuid4().hex[:8]}"
        claimed = (
            Provisioning.objects.filter(id=run_id, state__in=_CLAIMABLE)
            .filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))
            .filter(Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=Now() + timedelta(seconds=0.5)))
            .update(
                fencing=F("fencing") + 1,
                lease_owner=owner,
                lease_until=_end(),
                state=ProvisioningState.RUNNING,
                next_attempt_at=None,
            )
        )
        if not claimed:
            return None
        return cls(Provisioning.objects.select_related("tenant").get(id=run_id), owner)

    @contextmanager
    def kept(self) -> Iterator["Lease"]:
        """Renew the lease every third of its time, in a thread with a connection of its own, until the end."""
        beat = threading.Thread(target=self._keep, name="lease", daemon=True)
        beat.start()
        try:
            yield self
        finally:
            self._stop.set()
            beat.join(timeout=5)
            # Fenced off or not, nobody has to wait for us any longer.
            Provisioning.objects.filter(id=self.run.id, lease_owner=self.owner).update(lease_until=None)

    def check(self) -> None:
        """Raise LeaseLost when it was noticed that the lease is gone."""
        if self._lost.is_set():
            raise LeaseLost

    def record_step(self, step: ProvisioningStep, **values: Any) -> None:
        """Write `values` to the step, under our number. Raises LeaseLost."""
        with self._fenced():
            ProvisioningStep.objects.filter(id=step.id).update(fencing=self.fencing, **values)
        step.refresh_from_db()

    def record_run(self, **values: Any) -> None:
        """Write `values` to the run, under our number. Raises LeaseLost."""
        with self._fenced():
            Provisioning.objects.filter(id=self.run.id).update(**values)
        self.run.refresh_from_db(fields=list(values))

    @contextmanager
    def _fenced(self) -> Iterator[None]:
        with transaction.atomic():
            held = Provisioning.objects.select_for_update().filter(id=self.run.id, fencing=self.fencing)
            if not held.exists():
                self._lost.set()
                raise LeaseLost
            yield

    def _keep(self) -> None:
        try:
            while not self._stop.wait(settings.PROVISIONING_LEASE_SECONDS / 3):
                with enter_platform():
                    renewed = Provisioning.objects.filter(id=self.run.id, fencing=self.fencing).update(
                        lease_until=_end()
                    )
                if not renewed:
                    self._lost.set()
                    return
        except Exception:  # The database is away: the lease runs out, another worker takes over.
            self._lost.set()
        finally:
            connections[DEFAULT_DB_ALIAS].close()


def _end() -> Any:
    return Now() + timedelta(seconds=settings.PROVISIONING_LEASE_SECONDS)
