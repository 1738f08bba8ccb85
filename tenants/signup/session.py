"""What a browser that signs up keeps in its session on the public host: which sign-up, and which Google account."""

import uuid

from django.http import HttpRequest

from tenants.models import Signup

_SIGNUP = "signup"
_GOOGLE = "signup_google"


def signup_keep(request: HttpRequest, signup: Signup) -> None:
    """This browser is led to this sign-up from now on."""
    request.session[_SIGNUP] = signup.id.hex


def signup_kept(request: HttpRequest) -> Signup | None:
    """The sign-up of this browser, as it stands now."""
    kept = request.session.get(_SIGNUP)
    return Signup.objects.filter(id=uuid.UUID(kept)).first() if kept else None


def google_keep(request: HttpRequest, *, subject: str, email: str, name: str) -> None:
    """This browser showed a Google account, whose address Google has verified, that has no account here."""
    request.session[_GOOGLE] = {"subject": subject, "email": email, "name": name}


def google_kept(request: HttpRequest) -> dict[str, str] | None:
    """That Google account."""
    kept: dict[str, str] | None = request.session.get(_GOOGLE)
    return kept


def google_forget(request: HttpRequest) -> None:
    """The Google account is used, or not wanted."""
    request.session.pop(_GOOGLE, None)
