"""The mails to members. Runs in the platform's context. Raises OSError when the mail server is away."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from tenants.members.addresses import portal_url
from tenants.members.services.invitations import invitation_link
from tenants.members.services.passwords import password_link
from tenants.models import Invitation, Membership, User


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


def invitation(*, invitation_id: str) -> None:
    """Who invites to what, and the link. Nothing is sent when the invitation is withdrawn or accepted."""
    found = Invitation.objects.select_related("tenant", "invited_by").filter(id=invitation_id, accepted_at=None).first()
    if found is not None:
        values = {"customer": found.tenant, "invitation": found, "link": invitation_link(invitation=found)}
        mail_send(to=found.email, template="members/mail/invitation", values=values)


def mail_send(*, to: str, template: str, values: dict[str, Any]) -> None:
    """One mail of `<template>_subject.txt`, `<template>.txt` and `<template>.html`. Raises OSError."""
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    letter = EmailMultiAlternatives(
        subject, render_to_string(f"{template}.txt", values), settings.DEFAULT_FROM_EMAIL, [to]
    )
    letter.attach_alternative(render_to_string(f"{template}.html", values), "text/html")
    letter.send()


def _send(user: User, name: str, values: dict[str, Any]) -> None:
    values |= {"days": settings.PASSWORD_RESET_TIMEOUT // 86_400}
    mail_send(to=user.email, template=f"members/mail/{name}", values=values)
