"""The sign-in to the back office, in two steps: password, then a code. Nothing else of it opens before both.

Who has no authenticator enrols one in the second step. The session that opens the admin is made here alone.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from openclaw_site.staff import pending
from openclaw_site.staff.authenticators import (
    authenticator_enrol,
    is_enrolled,
    recovery_codes_left,
    recovery_codes_renew,
    secret_as_qr,
)
from openclaw_site.staff.forms import CodeForm, StaffSignInForm
from tenants.isolation.context import enter_platform
from tenants.members.addresses import safe_path
from tenants.members.services import access_revoke
from tenants.members.sessions import BACK_OFFICE, sign_in
from tenants.models import User


class PasswordView(LoginView):
    """The first step."""

    template_name = "admin/login.html"
    authentication_form = StaffSignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """The front page."""
        return "/"

    def get_success_url(self) -> str:
        """The page that was wanted; never one of the sign-in, which would lead in a circle."""
        path = super().get_success_url()
        return self.get_default_redirect_url() if path.startswith("/login/") else path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the admin's own page shows."""
        shown = {**admin.site.each_context(self.request), "title": "Log in", "app_path": self.request.get_full_path()}
        return {**super().get_context_data(**kwargs), **shown}

    def form_valid(self, form: Any) -> HttpResponse:
        """Nobody is signed in yet."""
        pending.begin(self.request, form.get_user(), path=safe_path(self.get_success_url()))
        return redirect("staff_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the authenticator, or a recovery code."""
    with enter_platform():
        user = pending.pending_user(request)
        if user is None:
            return redirect("admin:login")
        if not is_enrolled(user=user):
            return redirect("staff_enrol")
        form = CodeForm(request, user)
        if request.method == "POST" and form.is_valid():
            path = _let_in(request, user)
            left = recovery_codes_left(user=user)
            if left <= 3:
                messages.warning(request, f"You have {left} recovery codes left. Make new ones under “Your sign-in”.")
            return redirect(path)
        return _page(request, "code", form, {"title": "Enter your code"})


class EnrolForm(CodeForm):
    """The first code of a new authenticator. `outcome` has the recovery codes."""

    def __init__(self, request: HttpRequest, user: User, secret: str) -> None:
        super().__init__(request, user)
        self.secret = secret

    def holds(self, code: str) -> Any:
        """The recovery codes, with the authenticator enrolled; None if the code is wrong."""
        return authenticator_enrol(user=self.user, secret=self.secret, code=code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """The second step of who has no authenticator: the secret to take over, then the recovery codes, this once."""
    with enter_platform():
        user = pending.pending_user(request)
        if user is None:
            return redirect("admin:login")
        if is_enrolled(user=user):
            return redirect("staff_code")
        secret = pending.pending_secret(request)
        form = EnrolForm(request, user, secret)
        if request.method == "POST" and form.is_valid():
            path = _let_in(request, user)
            LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Enrolled an authenticator.", single_object=True)
            return _codes(request, form.outcome, path)
        # The SVG is made of our own secret and the person's address, which the library quotes.
        qr = mark_safe(secret_as_qr(user=user, secret=secret))  # noqa: S308
        parts = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return _page(request, "enrol", form, {"title": "Set up your authenticator", "qr": qr, "secret": parts})


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
        return _codes(request, renewed, "/")
    shown = {"title": "Your sign-in", "left": recovery_codes_left(user=user)}
    return _page(request, "security", form, shown)


@require_POST
def everywhere(request: HttpRequest) -> HttpResponse:
    """Every session of the person ends, this one too."""
    user = _signed_in(request)
    if user is not None:
        access_revoke(user=user)
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Signed out everywhere.", single_object=True)
        logout(request)
    return redirect("admin:login")


def _let_in(request: HttpRequest, user: User) -> str:
    """Signed in to the back office; where to go on to."""
    path = pending.pending_path(request)
    pending.end(request)
    sign_in(request, user, place=BACK_OFFICE)
    return path


def _signed_in(request: HttpRequest) -> User | None:
    return cast(User, request.user) if admin.site.has_permission(request) else None


def _codes(request: HttpRequest, codes: list[str], path: str) -> HttpResponse:
    shown = {"title": "Your recovery codes", "codes": codes, "path": path, "site_url": None}
    context = {**admin.site.each_context(request), **shown}
    return TemplateResponse(request, "admin/staff/codes.html", context).render()


def _page(request: HttpRequest, name: str, form: CodeForm, values: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **values, "form": form, "site_url": None}
    status = 200
    if form.errors:
        status = 429 if form.has_error("code", "throttled") else 422
    # Rendered here, where the context holds that its queries need.
    return TemplateResponse(request, f"admin/staff/{name}.html", context, status=status).render()
