"""What allauth may do here: carry a Gmail consent, and nothing else. Nobody signs up or signs in through it."""

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from requests import RequestException

from tenants.gmail.errors import ConsentRefused
from tenants.gmail.handover import Consent, consent_take


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class GmailConsentAdapter(DefaultSocialAccountAdapter):
    """Takes the token out of allauth's hands before it could save an account, and ends on the result page."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        """The one OAuth client, from the settings; the database holds none."""
        return [SocialApp(provider="gmail", client_id=settings.GOOGLE_CLIENT_ID, secret=settings.GOOGLE_CLIENT_SECRET)]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Always ends in a redirect to the result page: no SocialAccount, SocialToken or session comes of it."""
        state = sociallogin.state or {}
        token = sociallogin.token
        if token is None:
            _finish("google-error")
        try:
            consent_take(
                intent_token=str((state.get("data") or {}).get("intent", "")),
                consent=Consent(
                    email=str(sociallogin.account.extra_data.get("email", "")).lower(),
                    refresh_token=token.token_secret,
                    access_token=token.token,
                    scopes=tuple(getattr(token, "granted_scopes", ())),
                ),
            )
        except ConsentRefused as refused:
            _finish(refused.code)
        _finish("connected")

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """Every failure of the exchange ends on the result page, with what to do."""
        if error == AuthError.CANCELLED:
            _finish("refused")
        if not (extra_context or {}).get("state"):
            _finish("session-lost")
        _finish("google-unreachable" if isinstance(exception, RequestException) else "google-error")


def _finish(code: str) -> NoReturn:
    raise ImmediateHttpResponse(HttpResponseRedirect(f"{reverse('gmail_done')}?result={code}"))
