"""The page before Google and the page after. Anybody with the link may see them; they say little."""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tenants.gmail.outcomes import MESSAGES, ConsentRefused, outcome_of
from tenants.gmail.results import finish, retry_token
from tenants.gmail.selectors import puts_drafts
from tenants.gmail.services import connect_path, intent_choose, intent_entered


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """GET says whose mailbox will be connected and what for; POST goes on to Google."""
    token = request.POST.get("intent") or request.GET.get("intent") or ""
    try:
        with intent_entered(token) as intent:
            name, email, expires_at = intent.tenant.name, intent.tenant.email, intent.expires_at
            with_drafts = puts_drafts(customer_id=intent.tenant_id)
            if request.method == "POST":
                with_drafts = "with_drafts" in request.POST
                intent_choose(intent, with_drafts=with_drafts)
    except ConsentRefused as refused:
        return finish(request, refused.outcome)
    if request.method == "POST":
        provider = get_adapter().get_provider(request, "gmail")
        response: HttpResponse = provider.redirect(
            request,
            # Were the adapter ever to let it through, allauth would only redirect: never sign in or attach.
            process=AuthProcess.REDIRECT,
            data={"intent": token},
            scope=[*provider.get_scope(), *([settings.GMAIL_DRAFT_SCOPE] if with_drafts else [])],
            auth_params={**provider.get_auth_params(), "login_hint": email},
        )
        return response
    values = {"name": name, "email": email, "intent": token, "expires_at": expires_at, "with_drafts": with_drafts}
    return render(request, "gmail/connect.html", values)


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """How it ended, what to do next and, where that makes sense in this browser, a button to try again."""
    message = MESSAGES[outcome_of(request.GET.get("result", ""))]
    values: dict[str, Any] = {"message": message}
    token = retry_token(request) if message.retry else ""
    if token:
        try:
            with intent_entered(token) as intent:
                values |= {"email": intent.tenant.email, "retry_path": connect_path(token)}
        except ConsentRefused:
            pass
    return render(request, "gmail/done.html", values, status=message.status)
