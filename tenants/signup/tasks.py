"""Celery's way to sign-ups: ids in, nothing out. Each may run twice."""

import uuid
from typing import Any

from celery import shared_task

from tenants.isolation.context import enter_platform
from tenants.signup import mails, services

# A mail server that is away for a while costs no mail; one that is away for longer is the sweep's business.
_PATIENT: dict[str, Any] = {"autoretry_for": (OSError,), "retry_backoff": 10, "max_retries": 6}


@shared_task(name="tenants.signup.tasks.signup_mail_send", **_PATIENT)
def signup_mail_send(signup_id: str) -> None:
    """Send the link that confirms the address; to the owner of a known address, how to sign in."""
    with enter_platform():
        mails.confirm(signup_id=uuid.UUID(signup_id))


@shared_task(name="tenants.signup.tasks.signup_make")
def signup_make(signup_id: str) -> None:
    """Make the customer and its owner."""
    with enter_platform():
        services.signup_make(signup_id=uuid.UUID(signup_id))


@shared_task(name="tenants.signup.tasks.signups_sweep")
def signups_sweep() -> None:
    """Hand out again what was lost on its way."""
    with enter_platform():
        services.signups_sweep()


@shared_task(name="tenants.signup.tasks.signups_forget")
def signups_forget() -> None:
    """Erase what strangers typed and never confirmed."""
    with enter_platform():
        services.signups_forget()
