"""The form, the live answer about its subdomain, and the page that says that a mail is on its way."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.models import SignupState
from tenants.signup.errors import LinkRefused
from tenants.signup.forms import SignupForm
from tenants.signup.services import signup_again, signup_begin
from tenants.signup.session import google_forget, google_kept, signup_keep, signup_kept
from tenants.signup.subdomains import subdomain_check
from tenants.signup.throttle import Counted, begin_counted, subdomain_counted
from tenants.signup.views.confirm import refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """GET shows the form, the plan of `?plan=` chosen; POST begins, and says the same whoever has the address."""
    google = google_kept(request)
    if request.method != "POST":
        initial = {"plan": request.GET.get("plan", ""), "person": google["name"] if google else ""}
        return _page(request, SignupForm(initial=initial, google=google), google)
    if google and "without_google" in request.POST:
        google_forget(request)
        return redirect("sign_up")
    form = SignupForm(request.POST, google=google)
    if not form.is_valid():
        return _page(request, form, google, status=422)
    person = form.who()
    counted = begin_counted(request, email=person.email)
    if counted is not Counted.TAKEN:
        kept = "" if google else " What you typed stays in this form, but for the password."
        form.add_error(None, counted.value + kept)
        return _page(request, form, google, status=429)
    given = form.cleaned_data
    signup = signup_begin(
        form_id=form.form_id(),
        company=given["company"],
        subdomain=given["subdomain"],
        plan=given["plan"],
        person=person,
    )
    signup_keep(request, signup)
    google_forget(request)
    return redirect("signup_sent" if signup.state == SignupState.WAITING else "signup_progress")


@never_cache
@require_safe
def subdomain(request: HttpRequest) -> HttpResponse:
    """Whether the typed subdomain can be had, in one line. The form asks the same once more when it is sent."""
    value = request.GET.get("subdomain", "").strip().lower()
    problem = ""
    if not value:
        return HttpResponse("")
    if not subdomain_counted(request):
        problem = "Too many tries just now. The form checks it when you send it."
    else:
        try:
            subdomain_check(value)
        except ValidationError as error:
            problem = " ".join(error.messages)
    return render(request, "signup/subdomain.html", {"value": value, "problem": problem})


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Look into your mailbox; or on, once the link was used in this or another browser; or anew, once it expired."""
    signup = signup_kept(request)
    if signup is None:
        return redirect("sign_up")
    if signup.state != SignupState.WAITING:
        return redirect("signup_progress")
    if signup.expires_at <= timezone.now():
        return refusal(request, LinkRefused("expired", signup.id))
    return render(request, "signup/sent.html", {"signup": signup, "again": request.GET.get("again", "")})


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """The mail once more, counted as a sign-up is."""
    signup = signup_kept(request)
    if signup is None:
        return redirect("sign_up")
    counted = begin_counted(request, email=signup.email)
    if counted is Counted.TAKEN:
        try:
            signup_again(signup=signup)
        except LinkRefused as refused:
            return refusal(request, refused)
    response = redirect("signup_sent")
    response["Location"] += "?again=sent" if counted is Counted.TAKEN else "?again=too-often"
    return response


def _page(request: HttpRequest, form: SignupForm, google: dict[str, str] | None, *, status: int = 200) -> HttpResponse:
    return render(request, "signup/form.html", {"form": form, "google": google, "section": "sign_up"}, status=status)
