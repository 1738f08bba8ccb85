"""Mail: where it goes, and whether it could. Nothing is sent."""

import smtplib
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.core.mail import get_connection

from openclaw_site.aws import facts
from openclaw_site.doctor.findings import Finding, ok, problem, skipped, warning

_SES: Final = "anymail.backends.amazon_ses.EmailBackend"
_SMTP: Final = "django.core.mail.backends.smtp.EmailBackend"


def sendable(process: str) -> Iterator[Finding]:
    """SES lets us send to anybody; an SMTP server takes our log-in; anything else sends nothing."""
    if settings.EMAIL_BACKEND == _SES:
        yield from _ses(process)
    elif settings.EMAIL_BACKEND == _SMTP:
        yield from _smtp()
    else:
        yield warning(
            f"Mail goes nowhere: {settings.EMAIL_BACKEND.rpartition('.')[0].rpartition('.')[2]} keeps it here.",
            "Fine while trying; in production set EMAIL_BACKEND.",
        )


def _ses(process: str) -> Iterator[Finding]:
    if process != "operator":
        yield skipped("Amazon SES is looked at by the one-off task.")
        return
    standing = facts.mail_standing()
    if not standing.sending:
        yield problem("Amazon SES has stopped our mail.", "See the account's standing in SES.")
    elif not standing.production:
        yield warning(
            "Amazon SES is in its sandbox: mail reaches verified addresses alone.",
            "Ask for production access in SES, account dashboard.",
        )
    else:
        yield ok(f"Amazon SES sends as {settings.DEFAULT_FROM_EMAIL}.")


def _smtp() -> Iterator[Finding]:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        connection = get_connection()
        connection.open()
        connection.close()
    except smtplib.SMTPAuthenticationError:
        yield problem(f"The mail server {where} refuses the log-in.", "Check EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.")
    except (OSError, smtplib.SMTPException) as error:
        yield problem(
            f"The mail server {where} can't be reached: {type(error).__name__}.", "Check EMAIL_HOST and EMAIL_PORT."
        )
    else:
        yield ok(f"The mail server {where} takes our mail.")
