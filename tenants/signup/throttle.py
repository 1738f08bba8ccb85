"""How often somebody may sign up, by allauth's rate limits (SIGNUP_RATES): by client and e-mail address, and in all.

What a limit of one's own refuses is not counted in all: one who floods closes the sign-up to nobody else.
"""

from enum import Enum

from allauth.core.internal.ratelimit import RateLimitUsage, consume
from django.conf import settings
from django.http import HttpRequest

_APP = "tenants.signup"


class Counted(Enum):
    """What became of a sign-up that was counted; refused ones have words for who typed it."""

    TAKEN = ""
    TOO_OFTEN = "Too many sign-ups came from here. Wait an hour, then try again."
    TOO_MANY = "Very many companies are signing up just now, more than we take in an hour. Try again in a while."


def begin_counted(request: HttpRequest, *, email: str) -> Counted:
    """This sign-up, or wish for another mail, is counted. One that is refused for all's sake is nobody's own."""
    own = _consume(request, "begin", email.strip().lower())
    if own is None:
        return Counted.TOO_OFTEN
    if _consume(request, "host", settings.PUBLIC_HOST) is None:
        own.rollback()
        return Counted.TOO_MANY
    return Counted.TAKEN


def subdomain_counted(request: HttpRequest) -> bool:
    """This look for a free subdomain is counted; False when there were too many."""
    return _consume(request, "subdomain", "") is not None


def _consume(request: HttpRequest, action: str, key: str) -> RateLimitUsage | None:
    return consume(request, app=_APP, action=action, config=settings.SIGNUP_RATES, key=key, limit_get=True)
