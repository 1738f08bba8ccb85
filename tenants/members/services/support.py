"""Support access, begun by staff and ended by its time, by staff, by an owner, or with the person's suspension."""

from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models import Customer, CustomerState, SupportAccess, SupportVisit, User
from tenants.models.support import SUPPORT_MINUTES_AT_MOST

SUPPORT_MINUTES: Final = 60
_PATH_LENGTH: Final = 300


def support_access_open(
    *, customer: Customer, staff: User, reason: str, minutes: int = SUPPORT_MINUTES
) -> SupportAccess:
    """`staff` may read the customer's own host from now on for so many minutes; its owners are told by mail.

    Runs in the platform's context. Raises ValidationError, also while the person has one open for this customer.
    """
    from tenants.members.tasks import support_mail_send

    why = " ".join(reason.split())
    _validate(customer, staff, why, minutes)
    now = timezone.now()
    try:
        with transaction.atomic():
            mine = SupportAccess.objects.filter(tenant=customer, staff=staff, ended_at=None)
            mine.filter(expires_at__lte=now).update(ended_at=F("expires_at"))
            access = SupportAccess.objects.create(
                tenant=customer,
                staff=staff,
                staff_email=staff.email,
                reason=why,
                started_at=now,
                expires_at=now + timedelta(minutes=minutes),
            )
            transaction.on_commit(lambda: support_mail_send.delay(str(access.id)), robust=True)
    except IntegrityError:
        raise ValidationError("You have access to this customer already. End that one first.") from None
    return access


def support_access_end(*, access: SupportAccess, actor: User | None) -> bool:
    """It has ended, from the next request on. False when it had ended before. Safe to repeat."""
    still = SupportAccess.objects.filter(id=access.id, ended_at=None, expires_at__gt=Now())
    return bool(still.update(ended_at=Now(), ended_by=actor))


def support_accesses_end_of(*, staff: User) -> int:
    """Every open access of this person has ended; how many. Reaches as far as the context does."""
    return SupportAccess.objects.filter(staff=staff, ended_at=None, expires_at__gt=Now()).update(ended_at=Now())


def support_visit_record(*, access: SupportAccess, path: str) -> None:
    """The customer can see that this page was read, how often and when. Needs the customer's context."""
    shown = path[:_PATH_LENGTH]
    seen = SupportVisit.objects.filter(access=access, path=shown)
    if seen.update(times=F("times") + 1, last_at=Now()):
        return
    try:
        with transaction.atomic():
            SupportVisit.objects.create(tenant_id=access.tenant_id, access=access, path=shown)
    except IntegrityError:  # Opened in two tabs at the same moment.
        seen.update(times=F("times") + 1, last_at=Now())


def _validate(customer: Customer, staff: User, reason: str, minutes: int) -> None:
    if not (staff.is_active and staff.is_staff):
        raise ValidationError("Only staff are given support access.")
    if customer.state in (CustomerState.OFFBOARDING, CustomerState.CLOSED):
        raise ValidationError(f"{customer.name} is {customer.get_state_display().lower()}: there is nothing to read.")
    if not 5 <= len(reason) <= 200:
        raise ValidationError("Say why in 5 to 200 characters. The customer reads it.")
    if not 1 <= minutes <= SUPPORT_MINUTES_AT_MOST:
        raise ValidationError(f"Support access lasts 1 to {SUPPORT_MINUTES_AT_MOST} minutes.")
