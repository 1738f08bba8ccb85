"""What is asked of Google: which scopes, for lasting use, with PKCE."""

from typing import Any

from allauth.socialaccount.providers.base.provider import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.conf import settings

from tenants.gmail.provider.views import GmailOAuth2Adapter


class GmailProvider(OAuth2Provider):
    """Google's OAuth under an id of its own, so that no setting of a Google login can ever apply to it."""

    id = "gmail"
    name = "Gmail"
    account_class = ProviderAccount
    oauth2_adapter_class = GmailOAuth2Adapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        return ["openid", "email", *settings.GMAIL_SCOPES]

    def get_auth_params(self) -> dict[str, str]:
        """Google gives a refresh token for offline access, and every time only when it asks for consent again."""
        return {"access_type": "offline", "prompt": "consent"}

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["sub"])


provider_classes = [GmailProvider]
