"""What the clock does about sign-ups. Needs the platform's context."""

from datetime import timedelta

from django.db.models.functions import Now

from tenants.models import Signup, SignupState
from tenants.signup import queue

_PATIENCE = timedelta(seconds=30)
_MAIL_PATIENCE = timedelta(minutes=2)
_KEPT = timedelta(days=7)


def signups_sweep(*, limit: int = 100) -> int:
    """Sign-ups whose mail or customer is due for longer than a queue takes are handed out again; how many.

    Safe to repeat: a mail that was sent is not sent again, a customer that was made is not made again.
    """
    unsent = Signup.objects.filter(
        state=SignupState.WAITING, mailed_at=None, created_at__lt=Now() - _MAIL_PATIENCE, expires_at__gt=Now()
    )
    unmade = Signup.objects.filter(state=SignupState.CONFIRMED, confirmed_at__lt=Now() - _PATIENCE)
    found = 0
    for rows, enqueue in ((unsent, queue.mail), (unmade, queue.make)):
        for signup in rows.order_by("created_at")[:limit]:
            enqueue(signup)
            found += 1
    return found


def signups_forget() -> int:
    """What was typed into sign-ups that nobody finished is erased a week after they expired; how many. Safe to repeat.

    The rows and their times stay, for the figures of the way in.
    """
    stale = Signup.objects.exclude(state=SignupState.MADE).filter(expires_at__lt=Now() - _KEPT).exclude(email="")
    return stale.update(company="", subdomain="", person="", email="", password="", google_subject="")
