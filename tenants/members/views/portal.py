"""The doors of a customer's host: out to the sign-in, in with a token, and out for good, here or everywhere.

Members sign in on the public host, staff in the back office, from where a support access leads them here.
"""

import secrets
from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tenants.isolation.context import current_context
from tenants.members.addresses import admin_url, public_url, safe_path
from tenants.members.errors import HandOverRefused, NotAMember
from tenants.members.requests import MemberRequest
from tenants.members.services import access_revoke, handover_take
from tenants.members.services.handover import browser_hash
from tenants.members.sessions import sign_in
from tenants.members.support import SupportReader, session_mark
from tenants.models import Membership

LEAVE_SALT: Final = "tenants.members.leave"
LEAVE_SECONDS: Final = 60


@login_not_required
@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Off to the public host, support to the back office, with this browser's mark. Who is in already goes on."""
    path = safe_path(request.GET.get("next", "/"))
    membership: Membership | SupportReader | None = request.membership  # type: ignore[attr-defined]  # MembershipMiddleware
    if membership is not None:
        return redirect(path)
    # A mark that is there stays, for the tab that began with it.
    mark = request.COOKIES.get(settings.HANDOVER_COOKIE_NAME) or secrets.token_urlsafe(32)
    host = request.get_host().partition(":")[0]
    elsewhere = admin_url if request.GET.get("as") == "support" else public_url
    response = redirect(elsewhere("hand_over", host=host, browser=browser_hash(mark), next=path))
    response.set_cookie(
        settings.HANDOVER_COOKIE_NAME, mark, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response


@login_not_required
@never_cache
@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """With a token that holds: signed in here, and on to the page that was wanted."""
    context = current_context()
    if context is None or context.tenant_id is None:
        raise AssertionError("this view is on customers' hosts only")
    try:
        user, path, access = handover_take(
            token=request.GET.get("token", ""),
            customer_id=context.tenant_id,
            cookie=request.COOKIES.get(settings.HANDOVER_COOKIE_NAME, ""),
        )
    except NotAMember:
        return render(request, "members/not_a_member.html", {"host": request.get_host()}, status=403)
    except HandOverRefused:
        if request.membership is not None:  # type: ignore[attr-defined]  # MembershipMiddleware
            return redirect("/")  # In already, by another tab or the same token.
        return render(request, "members/refused.html", status=403)
    sign_in(request, user, place=context.tenant_id)
    if access is not None:
        session_mark(request, access)
        request.session.set_expiry(access.expires_at)
    response = redirect(path)
    response.delete_cookie(settings.HANDOVER_COOKIE_NAME, samesite="Lax")
    return response


@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The session here ends, and the public host ends its own: nobody walks back in through it."""
    if not request.user.is_authenticated:
        return redirect(public_url("sign_out"))
    if request.user.is_staff:
        logout(request)
        return redirect(settings.ADMIN_BASE_URL)
    token = signing.dumps(request.user.pk, salt=LEAVE_SALT)
    logout(request)
    return redirect(public_url("sign_out", token=token))


@require_POST
def leave_everywhere(request: MemberRequest) -> HttpResponse:
    """Every session of the member ends, on every host and in every browser."""
    user = request.membership.user
    access_revoke(user=user)
    logout(request)
    return redirect(public_url("sign_out"))
