"""The mails to members. Runs in the platform's context. Raises OSError when the mail server is away."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from openclaw_site.mails import mail_send
from tenants.members.addresses import portal_url
from tenants.members.services.invitations import invitation_link
from tenants.members.services.passwords import password_link
from tenants.models import (
    ClosingMail,
    CustomerState,
    Invitation,
    Membership,
    MembershipRole,
    Provisioning,
    ProvisioningKind,
    SupportAccess,
    User,
)
from tenants.onboarding.progress import closing_certificate


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


def support_access(*, access_id: str) -> None:
    """A customer's owners (where there are none, its members) are told who of us reads their pages, why and until when.

    Nothing is sent for one that has ended before the mail could go.
    """
    access = SupportAccess.objects.select_related("tenant").filter(id=access_id).first()
    if access is None or not access.is_open:
        return
    members = Membership.objects.filter(tenant=access.tenant, user__is_active=True).select_related("user")
    owners = members.filter(role=MembershipRole.OWNER)
    url = portal_url(host=access.tenant.host, path="/support/")
    for one in owners if owners.exists() else members:
        _send(one.user, "support_access", {"access": access, "customer": access.tenant, "url": url})


def authenticator(*, user_id: int, event: str) -> None:
    """Somebody of the staff is told that their authenticator was `enrolled`, `replaced` or `reset`: was it them?"""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        _send(user, "authenticator", {"event": event, "admin_url": settings.ADMIN_BASE_URL})


def invitation(*, invitation_id: str) -> None:
    """Who invites to what, and the link. Nothing is sent when the invitation is withdrawn or accepted."""
    found = Invitation.objects.select_related("tenant", "invited_by").filter(id=invitation_id, accepted_at=None).first()
    if found is not None:
        values = {"customer": found.tenant, "invitation": found, "link": invitation_link(invitation=found)}
        mail_send([found.email], "members/mail/invitation", values)


def closed(*, mail_id: str) -> None:
    """What was deleted and what is kept, to one of those who owned an account, once; a repeat finds it mailed."""
    with transaction.atomic():
        rows = ClosingMail.objects.select_for_update(skip_locked=True, of=("self",)).select_related("tenant")
        found = rows.filter(id=mail_id, mailed_at=None, tenant__state=CustomerState.CLOSED).first()
        if found is None:
            return
        facts = closing_certificate(
            provisioning=Provisioning.objects.get(tenant=found.tenant_id, kind=ProvisioningKind.OFFBOARD)
        )
        values = {
            "customer": found.tenant,
            "gmail": facts["deleted"].get("gmail_secret"),
            "gmail_erased_at": facts["secret_restorable_until"],
            "has_data": bool(facts["deleted"].get("schema")),
            "contact": settings.CONTACT_EMAIL or settings.PUBLIC_BASE_URL,
        }
        mail_send([found.email], "members/mail/closed", values)
        ClosingMail.objects.filter(id=found.id).update(mailed_at=Now())


def _send(user: User, name: str, values: dict[str, Any]) -> None:
    values |= {"days": settings.PASSWORD_RESET_TIMEOUT // 86_400}
    mail_send([user.email], f"members/mail/{name}", values)
