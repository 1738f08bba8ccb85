"""What a customer sees of our support: who reads or read its pages, when, why and which. An owner can end it."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from tenants.members.requests import MemberRequest
from tenants.members.services import support_access_end
from tenants.members.support import support_accesses
from tenants.models import MembershipRole, SupportAccess

AT_MOST = 100


@require_safe
def accesses(request: MemberRequest) -> HttpResponse:
    """All of them, the newest first."""
    who = request.membership
    values = {
        "section": "support",
        "customer": who.tenant,
        "member": who.user,
        "accesses": support_accesses(customer=who.tenant)[:AT_MOST],
        "may_end": who.role == MembershipRole.OWNER,
    }
    return render(request, "portal/support.html", values)


@require_POST
def end(request: MemberRequest, access_id: uuid.UUID) -> HttpResponse:
    """The access has ended. For owners."""
    if request.membership.role != MembershipRole.OWNER:
        raise PermissionDenied
    access = get_object_or_404(SupportAccess, id=access_id)
    if support_access_end(access=access, actor=request.membership.user):
        messages.success(request, f"Ended. {access.staff_email} can no longer read your pages.")
    else:
        messages.info(request, "It had ended already.")
    return redirect("support_accesses")
