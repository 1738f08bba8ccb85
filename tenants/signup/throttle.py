"""How often somebody may sign up: allauth's rate limits by client address and by e-mail address (SIGNUP_RATES)."""

from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest

_APP = "tenants.signup"


def begin_counted(request: HttpRequest, *, email: str) -> bool:
    """This sign-up, or wish for another mail, is counted; False when there were too many."""
    return _counted(request, "begin", email.strip().lower())


def subdomain_counted(request: HttpRequest) -> bool:
    """This look for a free subdomain is counted; False when there were too many."""
    return _counted(request, "subdomain", "")


def _counted(request: HttpRequest, action: str, key: str) -> bool:
    config = settings.SIGNUP_RATES
    return consume(request, app=_APP, action=action, config=config, key=key, limit_get=True) is not None
