"""How often somebody may try: allauth's rate limits, counted in the cache that all web processes share.

The limits are allauth's own (ACCOUNT_RATE_LIMITS): failed sign-ins by address and by account, asked-for passwords too.
"""

from allauth.core.internal.ratelimit import RateLimitUsage, consume
from django.http import HttpRequest

_APP = "allauth.account"


def sign_in_attempt(request: HttpRequest, *, email: str) -> RateLimitUsage | None:
    """This attempt is counted as a failed one; None when there were too many. Roll it back if it was right."""
    return consume(request, app=_APP, action="login_failed", key=email.strip().lower())


def code_attempt(request: HttpRequest, *, user_id: int) -> RateLimitUsage | None:
    """This code of a member of staff is counted as a wrong one; None when there were too many. As `sign_in_attempt`."""
    return consume(request, app=_APP, action="login_failed", key=f"staff code {user_id}")


def password_ask(request: HttpRequest, *, email: str) -> bool:
    """This wish for a link is counted; False when there were too many."""
    return consume(request, app=_APP, action="reset_password", key=email.strip().lower()) is not None
