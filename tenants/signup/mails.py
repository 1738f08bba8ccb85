"""The one mail of a sign-up. Runs in the platform's context. Raises OSError when the mail server is away."""

import uuid

from django.conf import settings
from django.db.models.functions import Now

from openclaw_site.mails import mail_send
from tenants.members.addresses import public_url
from tenants.models import Signup, SignupState, User
from tenants.signup.links import confirm_url


def confirm(*, signup_id: uuid.UUID) -> None:
    """The link, or to the owner of an address that has an account: that it has one. Nothing once it is confirmed."""
    signup = Signup.objects.filter(id=signup_id, state=SignupState.WAITING).first()
    if signup is None or not signup.email:
        return
    is_known = User.objects.filter(email=signup.email).exists()
    name = "known" if is_known else "confirm"
    values = {
        "company": signup.company,
        "url": public_url("sign_in") if is_known else confirm_url(signup=signup),
        "password_url": public_url("password_forgotten"),
        "hours": settings.SIGNUP_LINK_HOURS,
    }
    mail_send([signup.email], f"signup/mail/{name}", values)
    Signup.objects.filter(id=signup.id).update(mailed_at=Now())
