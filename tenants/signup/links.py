"""The link in a sign-up's mail. Signed is the sign-up's id alone; whether it still holds stands in the row."""

import uuid

from django.core import signing
from django.utils import timezone

from tenants.members.addresses import public_url
from tenants.models import Signup
from tenants.signup.errors import LinkRefused

_SALT = "tenants.signup.confirm"


def confirm_url(*, signup: Signup) -> str:
    """The address that confirms this sign-up's e-mail address, once, until `expires_at`."""
    return public_url("signup_confirm", signing.dumps(signup.id.hex, salt=_SALT))


def signup_of_token(token: str) -> Signup:
    """The sign-up that this token can confirm now. Raises LinkRefused: forged, used, expired."""
    try:
        signup_id = uuid.UUID(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        raise LinkRefused("forged") from None
    signup = Signup.objects.filter(id=signup_id).first()
    if signup is None:
        raise LinkRefused("forged")
    if signup.confirmed_at is not None:
        raise LinkRefused("used", signup_id)
    if signup.expires_at <= timezone.now():
        raise LinkRefused("expired", signup_id)
    return signup
