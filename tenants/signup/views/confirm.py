"""The page behind the mailed link. Looking at it uses nothing up: mail scanners open links too."""

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tenants.members.throttle import sign_in_attempt
from tenants.models import Signup
from tenants.signup.errors import LinkRefused
from tenants.signup.links import signup_of_token
from tenants.signup.services import signup_confirm
from tenants.signup.session import signup_keep, signup_kept

_STATUS = {"expired": 410, "used": 410, "forged": 404}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET says what will be confirmed; POST does it, once.

    In another browser than the one that signed up the password is asked for. Else whoever types a stranger's address
    could have the stranger confirm an account that opens with the password of the one who typed it.
    """
    kept = signup_kept(request)
    try:
        signup = signup_of_token(token)
        is_ours = kept is not None and kept.id == signup.id
        problem = ""
        if request.method == "POST":
            problem = "" if is_ours else _password_problem(request, signup)
            if not problem:
                signup_confirm(signup=signup)
                signup_keep(request, signup)
                return redirect("signup_progress")
    except LinkRefused as refused:
        if refused.why == "used" and kept is not None and kept.id == refused.signup_id:
            return redirect("signup_progress")
        return refusal(request, refused)
    values = {"signup": signup, "asks_password": not is_ours, "problem": problem}
    return render(request, "signup/confirm.html", values, status=422 if problem else 200)


def refusal(request: HttpRequest, refused: LinkRefused) -> HttpResponse:
    """What happened to the link, and what to do."""
    values = {"why": refused.why, "hours": settings.SIGNUP_LINK_HOURS}
    return render(request, "signup/link_refused.html", values, status=_STATUS[refused.why])


def _password_problem(request: HttpRequest, signup: Signup) -> str:
    attempt = sign_in_attempt(request, email=signup.email)
    if attempt is None:
        return "Too many failed attempts. Wait five minutes."
    if not check_password(request.POST.get("password", ""), signup.password):
        return "That is not the password that was typed at the sign-up."
    attempt.rollback()
    return ""
