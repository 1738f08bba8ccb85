"""The part of a customer's page from which staff get support access to its own host."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from openclaw_site.admin.acting import act, staff
from tenants.members.addresses import portal_url
from tenants.members.services import SUPPORT_MINUTES, support_access_end, support_access_open
from tenants.members.support import support_accesses_open
from tenants.models import Customer, SupportAccess

OPEN, END_OTHERS, VIEW = "tenants.add_supportaccess", "tenants.change_supportaccess", "tenants.view_supportaccess"
MINUTES = (15, SUPPORT_MINUTES, 120, 240)


def support(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What the template needs."""
    user = request.user
    may_see = user.has_perm(VIEW) or user.has_perm(OPEN)
    running = list(support_accesses_open(customer=customer)) if may_see else []
    mine = next((one for one in running if one.staff_id == user.pk), None)
    return {
        "may_see_support": may_see,
        "may_open_support": user.has_perm(OPEN),
        "may_end_support": user.has_perm(END_OTHERS),
        "support_running_now": running,
        "support_mine": mine,
        "support_url": portal_url(host=customer.host, path="/login/?as=support"),
        "support_minutes": MINUTES,
        "support_minutes_default": SUPPORT_MINUTES,
    }


def change_support(request: HttpRequest, customer: Customer) -> None:
    """Open an access as the form says, or end that of the button. Raises PermissionDenied, Http404."""
    ended = request.POST.get("end", "")
    if not request.user.has_perm(OPEN):
        raise PermissionDenied
    if not ended:
        act(request, lambda: _open(request, customer), customer=customer)
        return
    try:
        key = uuid.UUID(ended)
    except ValueError:
        key = uuid.UUID(int=0)
    access = get_object_or_404(SupportAccess, id=key, tenant=customer)
    if access.staff_id != request.user.pk and not request.user.has_perm(END_OTHERS):
        raise PermissionDenied

    def end() -> str:
        if support_access_end(access=access, actor=staff(request)):
            return f"The support access of {access.staff_email} has ended."
        return f"The support access of {access.staff_email} had ended before."

    act(request, end, customer=customer)


def _open(request: HttpRequest, customer: Customer) -> str:
    try:
        minutes = int(request.POST.get("minutes", ""))
    except ValueError:
        raise ValidationError("Choose for how long.") from None
    reason = request.POST.get("reason", "")
    access = support_access_open(customer=customer, staff=staff(request), reason=reason, minutes=minutes)
    return f"Support access until {access.expires_at:%H:%M} UTC, because “{access.reason}”. The customer is told."
