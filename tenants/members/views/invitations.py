"""The page behind an invitation's link, on the public host. Looking at it uses nothing up: mail scanners look."""

from typing import Final

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tenants.members.addresses import portal_url
from tenants.members.errors import InvitationRefused
from tenants.members.services import invitation_accept, invitation_read, password_link

_REFUSALS: Final = {
    "invalid": ("This link is not valid", "It was not made by us, or it was cut off on its way to you."),
    "expired": ("This invitation has expired", "For your safety an invitation holds for some days only."),
    "used": ("This invitation was used already", "Each invitation lets one person in once. You may be in already."),
    "replaced": ("This invitation does not hold any more", "It was withdrawn, or a newer mail has a newer link."),
    "closed": ("This account is closed", "The company that invited you is no longer served here."),
    "person": ("This address can't become a member", "It belongs to our staff, or to somebody who was deactivated."),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """GET says who invites to what; POST joins, and goes on to set a password or to the customer's host."""
    token = request.POST.get("token") or request.GET.get("token") or ""
    try:
        if request.method == "POST":
            return _join(request, token)
        found = invitation_read(token=token)
    except InvitationRefused as refused:
        title, text = _REFUSALS[refused.reason]
        values = {"title": title, "text": text, "reason": refused.reason}
        return render(request, "members/invitation_refused.html", values, status=410)
    return render(request, "members/invitation.html", {"invitation": found, "token": token})


def _join(request: HttpRequest, token: str) -> HttpResponse:
    joined = invitation_accept(token=token)
    if request.user.is_authenticated and request.user.pk != joined.user.pk:
        logout(request)
    if not joined.user.has_usable_password():
        link = password_link(user=joined.user)
        if link is not None:
            return redirect(link)
    return redirect(portal_url(host=joined.host, path="/login/"))
