"""Invitations: made, sent again and withdrawn by owners in the customer's context; accepted on the public host.

The token names the invitation and its serial, signed; whether it still holds stands in the row. It proves that who has
it reads the address's mail, and that is all it takes to join: a person without a password then sets one, the others
sign in. Joining makes a user and a membership, which only the platform may: `invitation_accept` enters its context
itself, after the token was checked in the customer's own.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.addresses import public_url
from tenants.members.errors import InvitationRefused, MemberGone
from tenants.members.services.members import person_of
from tenants.members.services.room import room_check
from tenants.members.services.team import owner_check
from tenants.models import CustomerState, Invitation, Membership, MembershipRole, User

MOST_OPEN: Final = 50
RESEND_SECONDS: Final = 60
_SALT: Final = "tenants.members.invitation"


@dataclass(frozen=True, slots=True)
class Joined:
    """Who joined, and the host that they may enter now."""

    user: User
    host: str


def invitation_make(*, actor: Membership, email: str, role: str) -> Invitation:
    """The person with this address is invited in this role, and gets a mail. One who is invited gets it anew.

    Raises OwnersOnly, and ValidationError with an `error_dict`.
    """
    owner_check(actor=actor)
    address = email.strip().lower()
    _validate(actor, address, role)
    room_check(customer=actor.tenant, email=address)
    values = {"role": role, "invited_by": actor.user}
    with transaction.atomic():
        rows = Invitation.objects.filter(tenant=actor.tenant_id, email=address, accepted_at=None)
        found = rows.first()
        if found is None:
            try:
                with transaction.atomic():
                    found = Invitation.objects.create(
                        tenant=actor.tenant, email=address, expires_at=_expiry(), **values
                    )
                _enqueue(found.id)
                return found
            except IntegrityError:  # Another owner was faster.
                found = rows.get()
        Invitation.objects.filter(id=found.id).update(**values)
        _send_again(found.id)
    return found


def invitation_resend(*, actor: Membership, invitation_id: uuid.UUID) -> str | None:
    """A new mail with a new link goes out, and the former link ends; the address, or None within RESEND_SECONDS.

    Raises OwnersOnly, MemberGone.
    """
    owner_check(actor=actor)
    rows = Invitation.objects.filter(tenant=actor.tenant_id, id=invitation_id, accepted_at=None)
    found = rows.first()
    if found is None:
        raise MemberGone
    with transaction.atomic():
        return found.email if _send_again(found.id) else None


def invitation_withdraw(*, actor: Membership, invitation_id: uuid.UUID) -> str:
    """The invitation is gone and its link opens nothing; the address. Raises OwnersOnly, MemberGone."""
    owner_check(actor=actor)
    rows = Invitation.objects.filter(tenant=actor.tenant_id, id=invitation_id, accepted_at=None)
    found = rows.first()
    if found is None or not rows.delete()[0]:
        raise MemberGone
    return found.email


def invitation_link(*, invitation: Invitation) -> str:
    """The address on the public host that the mail has. It is secret: only the mail's task makes it."""
    claims = {"invitation": invitation.id.hex, "customer": invitation.tenant_id.hex, "serial": invitation.serial}
    return public_url("invitation", token=signing.dumps(claims, salt=_SALT))


def invitation_read(*, token: str) -> Invitation:
    """The invitation, with its customer and who invites. Enters the customer's context. Raises InvitationRefused."""
    invitation_id, customer_id, serial = _claims(token)
    with enter_customer(customer_id):
        rows = Invitation.objects.select_related("tenant", "invited_by")
        found = rows.filter(id=invitation_id).first()
        return _checked(found, serial)


def invitation_accept(*, token: str) -> Joined:
    """The invited person belongs to the customer; the invitation is used, by one of all who try.

    Whoever belongs already keeps the role. Raises InvitationRefused.
    """
    invitation_id, _, serial = _claims(token)
    invitation_read(token=token)
    with enter_platform(), transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).select_related("tenant")
        found = _checked(rows.filter(id=invitation_id).first(), serial)
        user = person_of(found.email)
        if not user.is_active or user.is_staff:
            raise InvitationRefused("person")
        Membership.objects.get_or_create(tenant=found.tenant, user=user, defaults={"role": found.role})
        Invitation.objects.filter(id=found.id).update(accepted_at=Now())
    return Joined(user, found.tenant.host)


def _checked(found: Invitation | None, serial: int) -> Invitation:
    if found is None:
        raise InvitationRefused("replaced")
    if found.tenant.state in (CustomerState.OFFBOARDING, CustomerState.CLOSED):
        raise InvitationRefused("closed")
    if found.accepted_at is not None:
        raise InvitationRefused("used")
    if found.serial != serial:
        raise InvitationRefused("replaced")
    if found.expires_at <= timezone.now():
        raise InvitationRefused("expired")
    return found


def _claims(token: str) -> tuple[uuid.UUID, uuid.UUID, int]:
    try:
        claims = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise InvitationRefused("invalid") from None
    return uuid.UUID(claims["invitation"]), uuid.UUID(claims["customer"]), int(claims["serial"])


def _validate(actor: Membership, address: str, role: str) -> None:
    errors: dict[str, list[str]] = {}
    try:
        validate_email(address)
    except ValidationError as error:
        errors["email"] = list(error.messages)
    if role not in MembershipRole.values:
        errors["role"] = ["Choose one of the two roles."]
    if Membership.objects.filter(tenant=actor.tenant_id, user__email=address).exists():
        errors["email"] = [f"{address} is a member already."]
    if Invitation.objects.filter(tenant=actor.tenant_id, accepted_at=None).count() >= MOST_OPEN:
        errors["email"] = [f"{MOST_OPEN} invitations are open. Withdraw some that nobody will accept."]
    if errors:
        raise ValidationError(errors)


def _send_again(invitation_id: uuid.UUID) -> bool:
    line = timezone.now() - timedelta(seconds=RESEND_SECONDS)
    rows = Invitation.objects.filter(id=invitation_id, accepted_at=None, sent_at__lte=line)
    sent = rows.update(serial=F("serial") + 1, sent_at=Now(), expires_at=_expiry())
    if sent:
        _enqueue(invitation_id)
    return bool(sent)


def _enqueue(invitation_id: uuid.UUID) -> None:
    from tenants.members.tasks import invitation_mail_send

    # With the broker away the invitation stands on the list all the same, with a button to send it again.
    transaction.on_commit(lambda: invitation_mail_send.delay(str(invitation_id)), robust=True)


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)
