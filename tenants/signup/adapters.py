"""allauth's adapter for both of Google's ways back: Gmail's consent goes on as it was, `google` ends here.

Either way allauth's flow is left by a redirect before it would look for an account, make one or sign anybody in.
"""

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.http import HttpRequest

from tenants.gmail.adapters import GmailConsentAdapter
from tenants.signup.views.google import came_back, went_wrong

logger = logging.getLogger(__name__)


class GoogleAdapter(GmailConsentAdapter):
    """Tells the two providers apart; the account of one never passes for the other's."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one OAuth client of Google, under the id of the provider that asks."""
        if provider != "google":
            return super().list_apps(request, provider, client_id)
        app = SocialApp(
            provider="google",
            name="Google",
            client_id=settings.GOOGLE_CLIENT_ID,
            secret=settings.GOOGLE_CLIENT_SECRET,
        )
        return [app] if client_id in (None, settings.GOOGLE_CLIENT_ID) else []

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Google said who came, or handed over a Gmail consent."""
        if sociallogin.account.provider != "google":
            super().pre_social_login(request, sociallogin)
        about = sociallogin.account.extra_data
        raise ImmediateHttpResponse(
            came_back(
                request,
                subject=sociallogin.account.uid,
                email=about["email"],
                is_verified=about["email_verified"],
                name=about["name"],
                data=(sociallogin.state or {}).get("data") or {},
            )
        )

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """Nobody came: say so. What Google wrote is not logged."""
        if provider.id != "google":
            super().on_authentication_error(request, provider, error, exception, extra_context)
        if exception is not None:
            logger.warning("A Google sign-in failed: %s", type(exception).__name__)
        raise ImmediateHttpResponse(went_wrong(request))
