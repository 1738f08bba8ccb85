"""What staff change of their own sign-in: recovery codes, another authenticator, the end of all sessions."""

from typing import cast

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from openclaw_site.staff import replacing
from openclaw_site.staff.authenticators import authenticator_replace, recovery_codes_left, recovery_codes_renew
from openclaw_site.staff.forms import CodeForm, NewAuthenticatorForm
from openclaw_site.staff.pages import codes_page, page, secret_shown
from tenants.members.services import access_revoke
from tenants.members.sessions import BACK_OFFICE, sign_in
from tenants.models import User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """A person's own sign-in: recovery codes left; POST with a code makes new ones."""
    user = _signed_in(request)
    if user is None:
        return redirect("admin:login")
    form = CodeForm(request, user)
    if request.method == "POST" and form.is_valid():
        renewed = recovery_codes_renew(user=user)
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Made new recovery codes.", single_object=True)
        return codes_page(request, renewed, "/")
    shown = {"title": "Your sign-in", "left": recovery_codes_left(user=user)}
    return page(request, "security", form, shown)


@require_POST
def everywhere(request: HttpRequest) -> HttpResponse:
    """Every session of the person ends, this one too."""
    user = _signed_in(request)
    if user is not None:
        access_revoke(user=user)
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Signed out everywhere.", single_object=True)
        logout(request)
    return redirect("admin:login")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest) -> HttpResponse:
    """Another authenticator, the first step: a code of the present one, or a recovery code, is given again."""
    user = _signed_in(request)
    if user is None:
        return redirect("admin:login")
    form = CodeForm(request, user)
    if request.method == "POST" and form.is_valid():
        replacing.begin(request)
        return redirect("staff_replace_new")
    return page(request, "replace", form, {"title": "Replace your authenticator"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def replace_new(request: HttpRequest) -> HttpResponse:
    """The second step: the new one's secret, and its first code. Only then does the present one stop."""
    user = _signed_in(request)
    if user is None:
        return redirect("admin:login")
    secret = replacing.secret_begun(request)
    if secret is None:
        return redirect("staff_replace")
    form = NewAuthenticatorForm(request, user, secret, take=authenticator_replace)
    if request.method == "POST" and form.is_valid():
        replacing.end(request)
        user.refresh_from_db()
        sign_in(request, user, place=BACK_OFFICE)  # All sessions ended, this one too.
        done = "Replaced the authenticator and signed out everywhere else."
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, done, single_object=True)
        return codes_page(request, form.outcome, "/")
    return page(
        request, "enrol", form, {"title": "Set up your new authenticator", **secret_shown(user=user, secret=secret)}
    )


def _signed_in(request: HttpRequest) -> User | None:
    return cast(User, request.user) if admin.site.has_permission(request) else None
