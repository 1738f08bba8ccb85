"""What owners and members change about the team. Runs in the customer's own context.

Whether somebody is an owner is asked of the locked rows, not of what a page showed: of two owners who demote each
other at once, the second finds that it is none any more. So an account never loses its last owner.
"""

import logging
import uuid

from django.db import transaction
from django.db.models.functions import Now

from tenants.members.errors import MemberGone, OwnersOnly
from tenants.members.services.owners import another_check, owners_lock
from tenants.members.services.revocation import access_revoke
from tenants.models import Membership, MembershipRole

logger = logging.getLogger(__name__)


def owner_check(*, actor: Membership) -> None:
    """Raises OwnersOnly unless the member is an owner at this moment."""
    if not Membership.objects.filter(id=actor.id, tenant=actor.tenant_id, role=MembershipRole.OWNER).exists():
        raise OwnersOnly


def member_role_set(*, actor: Membership, membership_id: uuid.UUID, role: str) -> Membership:
    """The member has this role. Safe to repeat. Raises OwnersOnly, LastOwner, MemberGone, ValueError (no such role)."""
    role = MembershipRole(role)
    with transaction.atomic():
        owners = _owners_locked(actor)
        target = _target(actor, membership_id)
        if target.role == role:
            return target
        if role != MembershipRole.OWNER:
            another_check(owners, target)
        Membership.objects.filter(id=target.id).update(role=role)
    logger.info("member %s of customer %s is %s, by user %s", target.id, actor.tenant_id, role, actor.user_id)
    target.role = role
    return target


def member_dismiss(*, actor: Membership, membership_id: uuid.UUID) -> str:
    """The membership is gone, and with it the way in, from the next request on; the address that it was for.

    Raises OwnersOnly, LastOwner, MemberGone.
    """
    with transaction.atomic():
        owners = _owners_locked(actor)
        target = _target(actor, membership_id)
        another_check(owners, target)
        Membership.objects.filter(id=target.id).delete()
        access_revoke(user=target.user)
    logger.info("member %s of customer %s removed by user %s", target.id, actor.tenant_id, actor.user_id)
    return target.user.email


def member_leave(*, actor: Membership) -> None:
    """The member belongs to the customer no longer. Safe to repeat. Raises LastOwner."""
    with transaction.atomic():
        owners = owners_lock(actor.tenant_id)
        another_check(owners, actor)
        Membership.objects.filter(id=actor.id).delete()
        access_revoke(user=actor.user)
    logger.info("member %s left customer %s", actor.id, actor.tenant_id)


def mail_wishes_save(*, member: Membership, brief: bool, hot_leads: bool, time_zone: str) -> None:
    """The member gets these mails from now on, and no others. What is wished already keeps its beginning."""
    mine = Membership.objects.filter(id=member.id)
    mine.update(time_zone=time_zone)
    for field, wanted in (("brief_since", brief), ("hot_leads_since", hot_leads)):
        if wanted:
            mine.filter(**{field: None}).update(**{field: Now()})
        else:
            mine.update(**{field: None})


def _owners_locked(actor: Membership) -> list[Membership]:
    owners = owners_lock(actor.tenant_id)
    if actor.id not in {owner.id for owner in owners}:
        raise OwnersOnly
    return owners


def _target(actor: Membership, membership_id: uuid.UUID) -> Membership:
    rows = Membership.objects.select_related("user").filter(tenant_id=actor.tenant_id)
    target = rows.filter(id=membership_id).first()
    if target is None:
        raise MemberGone
    return target
