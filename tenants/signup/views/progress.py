"""The page that shows how the customer comes to be, and what on it the person does: choose again, connect Gmail."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tenants.members.sessions import PUBLIC, sign_in
from tenants.models import Signup, SignupState
from tenants.signup.forms import ChoiceForm
from tenants.signup.selectors import progress_of
from tenants.signup.services import signup_choose, signup_enter, signup_gmail_url
from tenants.signup.session import signup_keep, signup_kept


@never_cache
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The whole page. Without JavaScript it is loaded anew every few seconds."""
    signup = signup_kept(request)
    if signup is None:
        return redirect("sign_up")
    if signup.state == SignupState.WAITING:
        return redirect("signup_sent")
    return render(request, "signup/progress.html", _values(request, signup))


@never_cache
@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    """The live part. Nothing is sent while what the browser has seen still holds, so that no focus is lost."""
    signup = signup_kept(request)
    if signup is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    values = _values(request, signup)
    if request.GET.get("seen") == values["seen"]:
        return HttpResponse(status=204)
    return render(request, "signup/steps.html", values)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Another subdomain or plan, where the first one was gone."""
    signup = signup_kept(request)
    if signup is None:
        return redirect("sign_up")
    form = ChoiceForm(request.POST)
    if signup.state == SignupState.CHOOSING and not form.is_valid():
        return render(request, "signup/progress.html", _values(request, signup, form), status=422)
    if signup.state == SignupState.CHOOSING:
        given = form.cleaned_data
        signup_choose(signup=signup, subdomain=given["subdomain"], plan=given["plan"])
    return redirect("signup_progress")


@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """On to Gmail's consent, for the owner whom this browser is signed in as."""
    signup = signup_kept(request)
    if signup is None or not request.user.is_authenticated:
        return redirect("signup_progress")
    try:
        url = signup_gmail_url(signup=signup, user=request.user)
    except ValidationError:
        url = None  # The account is being closed, which the page says.
    return redirect(url or "signup_progress")


def _values(request: HttpRequest, signup: Signup, form: ChoiceForm | None = None) -> dict[str, Any]:
    """What both pages show. The browser is signed in as soon as there is a person."""
    if signup.state == SignupState.MADE and request.user.pk != signup.user_id:
        user = signup_enter(signup=signup)
        if user is not None:
            sign_in(request, user, place=PUBLIC)
            signup_keep(request, signup)  # Another person's session was thrown away.
    found = progress_of(signup=signup)
    is_signed_in = signup.user_id is not None and request.user.pk == signup.user_id
    if form is None and signup.state == SignupState.CHOOSING:
        form = ChoiceForm(initial={"subdomain": signup.subdomain, "plan": signup.plan})
    seen = hashlib.sha256(repr((signup.state, signup.problem, is_signed_in, found)).encode()).hexdigest()[:16]
    return {
        "signup": signup,
        "progress": found,
        "form": form,
        "is_signed_in": is_signed_in,
        "rests": found.rests or signup.state in (SignupState.CHOOSING, SignupState.KNOWN),
        "seen": seen,
    }
