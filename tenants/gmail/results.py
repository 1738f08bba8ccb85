"""The step from wherever a consent ended to the page that says how.

The address of that page has the short code only; the link for another try stays in the session.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from tenants.gmail.outcomes import MESSAGES, Outcome

_SESSION_KEY = "gmail_retry"


def finish(request: HttpRequest, outcome: Outcome, *, intent_token: str = "") -> HttpResponseRedirect:
    """A redirect to the result page; `intent_token` is kept for another try where one makes sense."""
    if intent_token and MESSAGES[outcome].retry:
        request.session[_SESSION_KEY] = intent_token
    elif _SESSION_KEY in request.session:
        del request.session[_SESSION_KEY]
    path = reverse("gmail_done", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return HttpResponseRedirect(f"{path}?{urlencode({'result': outcome.value})}")


def retry_token(request: HttpRequest) -> str:
    """The intent that may be tried again in this browser, or an empty string."""
    return str(request.session.get(_SESSION_KEY, ""))
