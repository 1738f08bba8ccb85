"""“Continue with Google”: the way there, and what happens to whoever comes back."""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from tenants.members.addresses import safe_path
from tenants.members.sessions import PUBLIC, sign_in
from tenants.signup.errors import GoogleRefused
from tenants.signup.services import google_enter
from tenants.signup.session import google_keep


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """On to Google. POST only, so that no link and no picture on another site can begin it."""
    provider = get_adapter().get_provider(request, "google")
    data = {"next": request.POST.get("next", ""), "plan": request.POST.get("plan", "")}
    # Were the adapter ever to let it through, allauth would only redirect: never sign in or attach.
    response: HttpResponse = provider.redirect(request, process=AuthProcess.REDIRECT, data=data)
    return response


def came_back(
    request: HttpRequest, *, subject: str, email: str, is_verified: bool, name: str, data: dict[str, Any]
) -> HttpResponse:
    """A member is signed in and goes on; a stranger goes on to the form, which then knows name and address."""
    try:
        user = google_enter(subject=subject, email=email, is_verified=is_verified)
    except GoogleRefused as refused:
        return render(request, "signup/google_refused.html", {"why": refused.why, "email": email}, status=403)
    if user is not None:
        sign_in(request, user, place=PUBLIC)
        wanted = str(data.get("next") or "")
        return HttpResponseRedirect(safe_path(wanted) if wanted else _path("belongings"))
    google_keep(request, subject=subject, email=email.strip().lower(), name=name[:150])
    query = urlencode({"plan": data["plan"]}) if data.get("plan") else ""
    return HttpResponseRedirect(_path("sign_up") + (f"?{query}" if query else ""))


def went_wrong(request: HttpRequest) -> HttpResponse:
    """Nobody came back: refused at Google, too slow, or Google is away."""
    return render(request, "signup/google_refused.html", {"why": "nobody"}, status=400)


def _path(name: str) -> str:
    return reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
