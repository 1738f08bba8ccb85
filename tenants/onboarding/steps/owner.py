"""Steps that change the database's structure need the owner's login."""

from django.conf import settings

from tenants.onboarding.steps.base import StepFailed


def require_owner() -> None:
    """Raise StepFailed in a process without the owner's login."""
    if "owner" not in settings.DATABASES:
        raise StepFailed(
            "This process has no owner's login (DATABASE_OWNER_URL).",
            next_action="Let the provisioner (the worker on the queue `provisioning`) do it, then retry.",
        )
