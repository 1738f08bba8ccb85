"""The mails to members. Runs in the platform's context. Raises OSError when the mail server is away."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from tenants.members.addresses import portal_url
from tenants.members.services.passwords import password_link
from tenants.models import Membership, User


def welcome(*, membership_id: str) -> None:
    """Where the customer's pages are and how to get in. Nothing is sent when the membership is gone again."""
    membership = Membership.objects.select_related("user", "tenant").filter(id=membership_id).first()
    if membership is None:
        return
    user = membership.user
    link = None if user.has_usable_password() else password_link(user=user)
    values = {"customer": membership.tenant, "url": portal_url(host=membership.tenant.host), "link": link}
    _send(user, "welcome", values)


def password(*, user_id: int) -> None:
    """A link to set a new password; staff are told who can do that for them."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        _send(user, "password", {"link": password_link(user=user)})


def _send(user: User, name: str, values: dict[str, Any]) -> None:
    values |= {"days": settings.PASSWORD_RESET_TIMEOUT // 86_400}
    subject = render_to_string(f"members/mail/{name}_subject.txt", values).strip()
    send_mail(subject, render_to_string(f"members/mail/{name}.txt", values), settings.DEFAULT_FROM_EMAIL, [user.email])
