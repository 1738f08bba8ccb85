"""The team: who belongs to it, who is invited, and what owners change about it. Everybody may leave."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.workspace.forms import InviteForm, RoleForm
from agents.workspace.views.page import for_owners, is_owner, show
from tenants.members import services
from tenants.members.errors import LastOwner, MemberGone
from tenants.members.middleware import workspace_not_required
from tenants.members.requests import MemberRequest
from tenants.members.selectors import invitations_open, members_of, owners_of
from tenants.models import Membership


@workspace_not_required
@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """Members and open invitations."""
    return _listing(request, InviteForm())


@workspace_not_required
@require_POST
@for_owners("team", "invite people")
def invite(request: MemberRequest) -> HttpResponse:
    """Invite the person that the form names."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _listing(request, form, status=422)
    try:
        invited = services.invitation_make(actor=request.membership, **form.cleaned_data)
    except ValidationError as error:
        for field, texts in error.message_dict.items():
            form.add_error(field if field in form.fields else None, texts)
        return _listing(request, form, status=422)
    messages.success(request, f"An invitation is on its way to {invited.email}.")
    return redirect("team")


@workspace_not_required
@require_POST
@for_owners("team", "change invitations")
def invitation(request: MemberRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Send it again, or withdraw it."""
    actor = request.membership
    try:
        if request.POST.get("action") == "withdraw":
            email = services.invitation_withdraw(actor=actor, invitation_id=invitation_id)
            messages.success(request, f"The invitation of {email} is withdrawn; its link opens nothing any more.")
        elif (address := services.invitation_resend(actor=actor, invitation_id=invitation_id)) is None:
            messages.info(request, "It was sent within the last minute. Wait a little before you send it again.")
        else:
            messages.success(request, f"A new mail with a new link is on its way to {address}.")
    except MemberGone:
        messages.info(request, "That invitation was accepted or withdrawn meanwhile.")
    return redirect("team")


@workspace_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@for_owners("team", "change what members may do")
def member(request: MemberRequest, membership_id: uuid.UUID) -> HttpResponse:
    """One member: the role, and removing. POST does what its button says."""
    found = members_of(customer=request.membership.tenant).filter(id=membership_id).first()
    if found is None:
        if request.method == "POST":
            messages.info(request, "That member was removed meanwhile.")
            return redirect("team")
        raise Http404
    if request.method != "POST":
        return _member(request, found, RoleForm(initial={"role": found.role}))
    form = RoleForm(request.POST)
    try:
        if request.POST.get("action") == "remove":
            email = services.member_dismiss(actor=request.membership, membership_id=found.id)
            messages.success(request, f"{email} is removed and has no way in any more.")
        elif form.is_valid():
            changed = services.member_role_set(
                actor=request.membership, membership_id=found.id, role=form.cleaned_data["role"]
            )
            messages.success(request, f"{found.user.email} is {_article(changed)} now.")
        else:
            return _member(request, found, form, status=422)
    except LastOwner:
        return _member(request, found, RoleForm(initial={"role": found.role}), last_owner=True, status=409)
    except MemberGone:
        messages.info(request, "That member was removed meanwhile.")
    return redirect("team" if found.user_id != request.membership.user_id else "overview")


@workspace_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: MemberRequest) -> HttpResponse:
    """GET asks; POST ends one's own membership, and the session here."""
    customer = request.membership.tenant
    if request.method == "POST":
        try:
            services.member_leave(actor=request.membership)
        except LastOwner:
            return show(request, "team", {"last_owner": True}, template="portal/leave.html", status=409)
        logout(request)
        return render(request, "portal/left.html", {"customer": customer})
    return show(request, "team", {}, template="portal/leave.html")


def _listing(request: MemberRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    customer = request.membership.tenant
    values: dict[str, Any] = {
        "members": members_of(customer=customer),
        "invitations": invitations_open(customer=customer),
        "mine": request.membership.id,
        "form": form,
        "now": timezone.now(),
        "owners": [] if is_owner(request) else owners_of(customer=customer),
    }
    return show(request, "team", values, status=status)


def _member(
    request: MemberRequest, found: Membership, form: RoleForm, *, last_owner: bool = False, status: int = 200
) -> HttpResponse:
    values = {"found": found, "form": form, "last_owner": last_owner}
    return show(request, "team", values, template="portal/member.html", status=status)


def _article(membership: Membership) -> str:
    return "an owner" if membership.role == "owner" else "a member"
