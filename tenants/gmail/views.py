"""Pages of the Gmail consent, on the public host: the start with an intent, and the result."""

from allauth.socialaccount.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tenants.gmail.errors import RESULTS, ConsentRefused
from tenants.gmail.intents import intent_open


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Say whose mailbox will be connected and what the agents may do; POST goes on to Google."""
    token = request.POST.get("intent") or request.GET.get("intent", "")
    try:
        intent = intent_open(token=token)
    except ConsentRefused as refused:
        return redirect(f"/gmail/done/?result={refused.code}")
    if request.method == "POST":
        provider = get_adapter(request).get_provider(request, "gmail")
        response: HttpResponse = provider.redirect(request, process="login", data={"intent": token})
        return response
    return render(request, "gmail/connect.html", {"customer": intent.customer, "intent": token})


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """What happened, and what to do. The address holds a short code and nothing else."""
    result = RESULTS.get(request.GET.get("result", ""), RESULTS["forged"])
    return render(request, "gmail/done.html", {"result": result}, status=result.status)
