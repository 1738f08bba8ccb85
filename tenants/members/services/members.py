"""Who belongs to a customer. Runs in the platform's context."""

import uuid
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from tenants.members.errors import LastOwner
from tenants.members.services.owners import owner_remains_check
from tenants.members.services.revocation import access_revoke
from tenants.members.services.room import room_check
from tenants.models import Customer, CustomerState, Membership, MembershipRole, User

_OTHER: Final = "Ask the customer for the address of one of its own people."


def member_add(*, customer: Customer, email: str, role: str | None = None) -> Membership:
    """The person with this address belongs to the customer, in this role, and is told by mail how to get in.

    Whoever is not known yet becomes a user without a password; the mail then has a link to set one. Safe to repeat:
    somebody who belongs already gets the role, and the mail again, but for the last owner, who stays one. Without a
    role it is a new member's, or stays as it is. Staff are refused: they would read mail that no customer knows they
    read. Raises ValidationError with an `error_dict`.
    """
    from tenants.members.tasks import welcome_mail_send

    address = email.strip().lower()
    _validate(customer, address, role)
    room_check(customer=customer, email=address)
    with transaction.atomic():
        user = person_of(address)
        if not user.is_active:
            raise ValidationError({"email": f"{address} was deactivated. Activate the person first, under People."})
        if user.is_staff:
            raise ValidationError({"email": f"{address} is staff, and staff don't read customers' mail. {_OTHER}"})
        values = {"role": role or MembershipRole.MEMBER}
        membership, is_new = Membership.objects.get_or_create(tenant=customer, user=user, defaults=values)
        if role is not None and not is_new:
            try:
                member_role_put(customer=customer, membership_id=membership.id, role=role)
            except LastOwner as error:
                raise ValidationError({"role": f"{error} {error.next_action}"}) from None
            membership.role = role
        # With the broker away the membership stands all the same; adding once more sends the mail.
        transaction.on_commit(lambda: welcome_mail_send.delay(str(membership.id)), robust=True)
    return membership


def member_role_put(*, customer: Customer, membership_id: uuid.UUID, role: str) -> None:
    """The member has this role, if there is such a member. Safe to repeat. Raises LastOwner."""
    with transaction.atomic():
        membership = Membership.objects.filter(tenant=customer, id=membership_id).first()
        if membership is None:
            return
        if role != MembershipRole.OWNER:
            owner_remains_check(customer=customer, leaving=membership)
        Membership.objects.filter(id=membership_id).update(role=role)


def member_remove(*, customer: Customer, membership_id: uuid.UUID) -> str | None:
    """The membership is gone, and with it every session of the person, from the next request on.

    The address, or None: it was gone. Raises LastOwner.
    """
    with transaction.atomic():
        membership = Membership.objects.select_related("user").filter(tenant=customer, id=membership_id).first()
        if membership is None:
            return None
        owner_remains_check(customer=customer, leaving=membership)
        if not Membership.objects.filter(id=membership_id).delete()[0]:
            return None
        access_revoke(user=membership.user)
    return membership.user.email


def _validate(customer: Customer, address: str, role: str | None) -> None:
    errors = {}
    try:
        validate_email(address)
    except ValidationError as error:
        errors["email"] = error.messages
    if role is not None and role not in MembershipRole.values:
        errors["role"] = [f"There is no role “{role}”. Choose one of: {', '.join(MembershipRole.values)}."]
    if customer.state in (CustomerState.OFFBOARDING, CustomerState.CLOSED):
        errors["customer"] = [f"{customer.name} is {customer.get_state_display().lower()} and takes no members."]
    if errors:
        raise ValidationError(errors)


def person_of(address: str) -> User:
    """The person with this address in lower case; one who is not known yet becomes a user without a password."""
    known = User.objects.filter(email=address).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(address)
    except IntegrityError:  # Somebody added the same person at the same moment.
        return User.objects.get(email=address)
