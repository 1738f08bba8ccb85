"""Between the two steps of the sign-in: a browser whose person gave the right password and no code yet.

Nobody is signed in meanwhile. Who it is stands in the session, for ten minutes, and is worth nothing once the password
was changed or the person's sessions were ended.
"""

import time
from typing import Any, Final

from allauth.mfa.utils import decrypt, encrypt
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from openclaw_site.staff.authenticators import secret_new
from tenants.gmail.crypto import TokenUnreadable
from tenants.models import User

PENDING_SECONDS: Final = 600
_KEY: Final = "staff_pending"


def begin(request: HttpRequest, user: User, *, path: str) -> None:
    """The password was right; on to the code, and then to `path`."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": time.time() + PENDING_SECONDS,
        "path": path,
    }


def pending_user(request: HttpRequest) -> User | None:
    """Whose password it was, if they may still go on. Needs a context that reads people."""
    found: dict[str, Any] = request.session.get(_KEY) or {}
    if not found or found["until"] < time.time():
        return None
    user = User.objects.filter(pk=found["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(found["hash"], user.get_session_auth_hash()):
        return None
    return user


def pending_path(request: HttpRequest) -> str:
    """Where the person goes on to."""
    return str((request.session.get(_KEY) or {}).get("path") or "/")


def pending_secret(request: HttpRequest) -> str:
    """The secret that this browser is enrolling, the same until the code was right; encrypted in the session."""
    pending: dict[str, Any] = request.session[_KEY]
    try:
        return str(decrypt(pending["secret"]))
    except (KeyError, TokenUnreadable):
        secret = secret_new()
        request.session[_KEY] = {**pending, "secret": encrypt(secret)}
        return secret


def end(request: HttpRequest) -> None:
    """Nothing is left of it in the session."""
    request.session.pop(_KEY, None)
