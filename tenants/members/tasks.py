"""Celery's way to the members' mails and sessions: ids in, nothing out. A mail's task that runs twice sends two,
except the last: that an account is closed."""

from typing import Any

from celery import shared_task

from tenants.isolation.context import enter_platform
from tenants.members import mails, sessions
from tenants.services import farewells_sweep

# A mail server that is away for a while costs no mail. smtplib's errors are among OSError.
_PATIENT: dict[str, Any] = {"autoretry_for": (OSError,), "retry_backoff": 10, "max_retries": 6}


@shared_task(name="tenants.members.tasks.welcome_mail_send", **_PATIENT)
def welcome_mail_send(membership_id: str) -> None:
    """Tell a new member where to go, with a link to set a password where they have none."""
    with enter_platform():
        mails.welcome(membership_id=membership_id)


@shared_task(name="tenants.members.tasks.password_mail_send", **_PATIENT)
def password_mail_send(user_id: int) -> None:
    """Send a link to set a new password, or to staff the reason why there is none."""
    with enter_platform():
        mails.password(user_id=user_id)


@shared_task(name="tenants.members.tasks.support_mail_send", **_PATIENT)
def support_mail_send(access_id: str) -> None:
    """Tell a customer's owners of a support access."""
    with enter_platform():
        mails.support_access(access_id=access_id)


@shared_task(name="tenants.members.tasks.authenticator_mail_send", **_PATIENT)
def authenticator_mail_send(user_id: int, event: str) -> None:
    """Tell a member of staff what happened to their authenticator."""
    with enter_platform():
        mails.authenticator(user_id=user_id, event=event)


@shared_task(name="tenants.members.tasks.invitation_mail_send", **_PATIENT)
def invitation_mail_send(invitation_id: str) -> None:
    """Send the link of an invitation to whom it is for."""
    with enter_platform():
        mails.invitation(invitation_id=invitation_id)


@shared_task(name="tenants.members.tasks.closed_mail_send", **_PATIENT)
def closed_mail_send(mail_id: str) -> None:
    """Tell one of those who owned an account that it is closed, unless they were told."""
    with enter_platform():
        mails.closed(mail_id=mail_id)


@shared_task(name="tenants.members.tasks.closed_mails_sweep")
def closed_mails_sweep() -> None:
    """Mails about closed accounts that were lost on the way are sent. Beat calls it every ten minutes."""
    with enter_platform():
        farewells_sweep()


@shared_task(name="tenants.members.tasks.sessions_clear")
def sessions_clear() -> None:
    """Forget the sessions that have expired."""
    with enter_platform():
        sessions.sessions_clear()
