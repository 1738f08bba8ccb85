"""Where a session holds. One of the public host is worth nothing on a customer's host or in the back office.

All hosts keep their sessions in one table, so the place stands in the session itself. The back office's is given after
the second step of its sign-in only, so nobody is anybody there before.
"""

import uuid

from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from tenants.models import User

PUBLIC = "public"
BACK_OFFICE = "back office"
# A working day: who signs in to the back office signs in again the next morning.
BACK_OFFICE_SECONDS = 12 * 3600
_KEY = "member_place"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(request: HttpRequest, user: User, *, place: uuid.UUID | str) -> None:
    """The browser has a session of this person that holds at `place`: PUBLIC, BACK_OFFICE or a customer's id."""
    login(request, user, backend=_BACKEND)
    request.session[_KEY] = str(place)
    if place == BACK_OFFICE:
        request.session.set_expiry(BACK_OFFICE_SECONDS)


def session_place(request: HttpRequest) -> str | None:
    """Where the request's session holds; None for one that was not made here."""
    place: str | None = request.session.get(_KEY)
    return place


def sessions_clear() -> None:
    """Sessions that have expired are gone, on every host. Safe to repeat."""
    SessionStore.clear_expired()
