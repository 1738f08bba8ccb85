"""The exchange with Google: endpoints from the settings, the granted scopes kept for the check."""

from typing import Any

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

TIMEOUT_SECONDS = 10


class GmailOAuth2Adapter(OAuth2Adapter):
    """Google's endpoints for the provider `gmail`."""

    provider_id = "gmail"

    @property
    def access_token_url(self) -> str:  # type: ignore[override]
        return settings.GOOGLE_TOKEN_URL

    @property
    def authorize_url(self) -> str:
        return settings.GOOGLE_AUTHORIZE_URL

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """As it is registered with Google, whatever the request says that it came to."""
        return settings.PUBLIC_BASE_URL + reverse("gmail_callback", urlconf=settings.PUBLIC_SCHEMA_URLCONF)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """The token; the scopes that were really granted go with it, since people can untick them."""
        token: SocialToken = super().parse_token(data)
        token.granted_scopes = str(data.get("scope", "")).split()  # type: ignore[attr-defined]
        return token

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Whose mailbox it is, from Google's userinfo. Raises OAuth2Error."""
        from allauth.socialaccount.adapter import get_adapter

        with get_adapter().get_requests_session() as session:
            reply = session.get(
                settings.GOOGLE_USERINFO_URL,
                headers={"Authorization": f"Bearer {token.token}"},
                timeout=TIMEOUT_SECONDS,
            )
            if not reply.ok:
                raise OAuth2Error(f"Google's userinfo answered {reply.status_code}.")
            login: SocialLogin = self.get_provider().sociallogin_from_response(request, reply.json())
            return login


oauth2_callback = OAuth2CallbackView.adapter_view(GmailOAuth2Adapter)
