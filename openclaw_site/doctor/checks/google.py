"""Google's OAuth client: known to Google, with the right secret. No customer's token is used."""

from collections.abc import Iterator
from typing import Final

import httpx
from django.conf import settings
from django.urls import reverse

from openclaw_site.doctor.findings import Finding, ok, problem, warning

TIMEOUT_SECONDS: Final = 5.0
_CONSOLE: Final = "Google Cloud console, APIs & Services, Credentials"


def oauth_client(process: str) -> Iterator[Finding]:
    """Exchanging a code that was never given out: Google names the code as wrong only if the client is right."""
    if settings.GOOGLE_CLIENT_SECRET in {"", "unset"}:
        yield problem(
            "The client's secret is not set: nobody can connect Gmail.",
            f"Put it into Secrets Manager ({_CONSOLE}), then roll: docs/deploy.md, “Google's secret”.",
        )
        return
    callback = settings.PUBLIC_BASE_URL + reverse("gmail_callback", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    try:
        answer = httpx.post(
            settings.GOOGLE_TOKEN_URL,
            data={
                "grant_type": "authorization_code",
                "code": "doctor-was-never-given-a-code",
                "client_id": settings.GOOGLE_CLIENT_ID,
                "client_secret": settings.GOOGLE_CLIENT_SECRET,
                "redirect_uri": callback,
            },
            timeout=TIMEOUT_SECONDS,
        )
        error = str(answer.json().get("error", "")) if answer.content else ""
    except (httpx.HTTPError, ValueError, AttributeError) as failure:
        yield problem(f"Google's token endpoint gives no answer: {type(failure).__name__}.", "Check the way to Google.")
        return
    if error == "invalid_grant":
        sign_in = settings.PUBLIC_BASE_URL + reverse("google_callback", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
        yield ok(f"Google knows the client. It must know these addresses too: {callback} and {sign_in}")
    elif error in {"invalid_client", "unauthorized_client"}:
        yield problem("Google refuses the client or its secret.", f"Compare both with those of {_CONSOLE}.")
    elif error == "redirect_uri_mismatch":
        yield problem(f"Google does not know the address {callback}.", f"Add it to the client: {_CONSOLE}.")
    else:
        yield warning(f"Google answered {answer.status_code} to a trial of the client.", "Try again.")
