"""Celery's way into the machine, on the queue `provisioning`."""

import uuid

from celery import shared_task

from tenants.isolation.context import enter_platform
from tenants.onboarding import services
from tenants.onboarding.machine import provisioning_advance


@shared_task(name="tenants.onboarding.tasks.provisioning_run")
def provisioning_run(run_id: str) -> None:
    """Take one run as far as it goes now. Safe to run twice, also at once."""
    with enter_platform():
        provisioning_advance(run_id=uuid.UUID(run_id))


@shared_task(name="tenants.onboarding.tasks.provisionings_sweep")
def provisionings_sweep() -> None:
    """Hand over runs that died half-way or whose time has come. Runs every 15 s."""
    with enter_platform():
        services.provisionings_sweep()
