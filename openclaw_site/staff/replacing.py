"""Between the two steps in which staff replace their authenticator: a code of the present one was right.

The new one's secret stands in the session, encrypted, for ten minutes. Whatever ends the session ends this too.
"""

import time
from typing import Any, Final

from allauth.mfa.utils import decrypt, encrypt
from django.http import HttpRequest

from openclaw_site.staff.authenticators import secret_new
from tenants.gmail.crypto import TokenUnreadable

REPLACING_SECONDS: Final = 600
_KEY: Final = "staff_replacing"


def begin(request: HttpRequest) -> None:
    """A code was right; a new secret waits for its first code."""
    request.session[_KEY] = {"secret": encrypt(secret_new()), "until": time.time() + REPLACING_SECONDS}


def secret_begun(request: HttpRequest) -> str | None:
    """The new secret, the same until it is enrolled; None when nothing was begun, or too long ago."""
    found: dict[str, Any] = request.session.get(_KEY) or {}
    if not found or found["until"] < time.time():
        return None
    try:
        return str(decrypt(found["secret"]))
    except TokenUnreadable:
        return None


def end(request: HttpRequest) -> None:
    """Nothing is left of it in the session."""
    request.session.pop(_KEY, None)
