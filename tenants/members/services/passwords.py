"""Passwords of members: the mailed link, the new password, and why staff get no link.

The link is Django's: signed with the password's hash and the last sign-in, so it ends when either changes.
"""

from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tenants.members.addresses import public_url
from tenants.models import User


def password_ask(*, email: str) -> None:
    """A mail goes to the person with this address, if there is one. Nobody learns here whether there is."""
    from tenants.members.tasks import password_mail_send

    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is not None:
        password_mail_send.delay(user.pk)


def password_link(*, user: User) -> str | None:
    """An address on the public host where the person can set a password, for PASSWORD_RESET_TIMEOUT seconds.

    None for staff: whoever reads their mail must not get into the back office by it.
    """
    if user.is_staff:
        return None
    encoded = urlsafe_base64_encode(force_bytes(user.pk))
    return public_url("password_set", encoded, default_token_generator.make_token(user))


def password_set(*, user: User, password: str) -> None:
    """The person has this password, and every session that was begun with the former one has ended.

    Writes one column, which is all that the public host's role may write of a person but the last sign-in.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
