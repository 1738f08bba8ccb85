"""What allauth may do here: nothing but carry a Gmail consent. Nobody signs up or signs in through it.

Every way through allauth's flow ends in this module with a redirect to the result page, before allauth would look for
an account, make one or sign anybody in.
"""

import logging
import re
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.http import HttpRequest
from requests import RequestException

from tenants.gmail.outcomes import ConsentRefused, Outcome
from tenants.gmail.results import finish
from tenants.gmail.services import Consent, consent_accept, refusal_note

logger = logging.getLogger(__name__)


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class GmailConsentAdapter(DefaultSocialAccountAdapter):
    """A Google account never becomes a login."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one OAuth client, from the settings. The table of apps is not asked."""
        app = SocialApp(
            provider="gmail",
            name="Gmail",
            client_id=settings.GOOGLE_CLIENT_ID,
            secret=settings.GOOGLE_CLIENT_SECRET,
        )
        wanted = provider in (None, "gmail") and client_id in (None, settings.GOOGLE_CLIENT_ID)
        return [app] if wanted else []

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Google handed over a token: the consent is taken or refused, and the flow ends here either way."""
        token = intent_of(sociallogin.state)
        outcome = Outcome.NO_LINK
        if token:
            outcome = self._take(token, sociallogin)
        raise ImmediateHttpResponse(finish(request, outcome, intent_token=token))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """No token came: say why. What Google wrote is not logged, only its error code."""
        state = (extra_context or {}).get("state")
        token = intent_of(state)
        if state is None:
            outcome = Outcome.LOST_SESSION
        elif error == AuthError.CANCELLED:
            outcome = Outcome.REFUSED
        elif isinstance(exception, RequestException):
            outcome = Outcome.UNREACHABLE
        else:
            outcome = Outcome.GOOGLE_FAILED
        if exception is not None:
            logger.warning("A Gmail consent failed: %s %s", type(exception).__name__, _oauth_code(exception))
        if token:
            refusal_note(intent_token=token, outcome=outcome)
        raise ImmediateHttpResponse(finish(request, outcome, intent_token=token))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def _take(self, token: str, sociallogin: SocialLogin) -> Outcome:
        about = sociallogin.account.extra_data
        consent = Consent(
            email=about["email"],
            email_verified=about["email_verified"],
            scopes=frozenset(about["scopes"]),
            refresh_token=(sociallogin.token.token_secret or "") if sociallogin.token else "",
        )
        try:
            consent_accept(intent_token=token, consent=consent)
        except ConsentRefused as refused:
            refusal_note(intent_token=token, outcome=refused.outcome)
            return refused.outcome
        return Outcome.CONNECTED


def intent_of(state: dict[str, Any] | None) -> str:
    """The signed intent in allauth's own state, or an empty string."""
    data = (state or {}).get("data")
    return str(data.get("intent") or "") if isinstance(data, dict) else ""


def _oauth_code(exception: Exception) -> str:
    found = re.search(r'"error":\s*"([a-z_]{1,40})"', str(exception))
    return found.group(1) if found else ""
