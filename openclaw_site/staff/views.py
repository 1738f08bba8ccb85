"""The sign-in to the back office, in two steps: password, then a code. Nothing else of it opens before both.

Who has no authenticator enrols one in the second step. The session that opens the admin is made here, and
anew where somebody ends all of theirs by replacing the authenticator (`security`).
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from openclaw_site.staff import pending
from openclaw_site.staff.authenticators import authenticator_enrol, is_enrolled, recovery_codes_left
from openclaw_site.staff.forms import CodeForm, NewAuthenticatorForm, StaffSignInForm
from openclaw_site.staff.pages import codes_page, page, secret_shown
from tenants.isolation.context import enter_platform
from tenants.members.addresses import safe_path
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
        return page(request, "code", form, {"title": "Enter your code"})


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
        form = NewAuthenticatorForm(request, user, secret, take=authenticator_enrol)
        if request.method == "POST" and form.is_valid():
            path = _let_in(request, user)
            LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Enrolled an authenticator.", single_object=True)
            return codes_page(request, form.outcome, path)
        shown = {"title": "Set up your authenticator", **secret_shown(user=user, secret=secret)}
        return page(request, "enrol", form, shown)


def _let_in(request: HttpRequest, user: User) -> str:
    """Signed in to the back office; where to go on to."""
    path = pending.pending_path(request)
    pending.end(request)
    sign_in(request, user, place=BACK_OFFICE)
    return path
