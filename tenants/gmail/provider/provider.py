"""Google's OAuth under an id of our own: it asks for the mailbox, offline, and is no way to sign in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.base.provider import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.conf import settings

from tenants.gmail.provider.views import GmailOAuth2Adapter


class GmailAccount(ProviderAccount):
    """What allauth wants of an account; it is never saved."""


class GmailProvider(OAuth2Provider):
    """Consent to read one mailbox."""

    id = "gmail"
    name = "Gmail"
    account_class = GmailAccount
    oauth2_adapter_class = GmailOAuth2Adapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        """The mailbox, and the address, to see whose it is."""
        return ["openid", "email", *settings.GMAIL_SCOPES]

    def get_auth_params(self) -> dict[str, str]:
        """Offline, with a consent page each time: only then does Google give a refresh token."""
        return {"access_type": "offline", "prompt": "consent", "include_granted_scopes": "false"}

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Google's id of the account."""
        return str(data.get("sub") or data.get("id") or data["email"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """The address; names are not asked for."""
        return {"email": data.get("email")}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """None: no address of a mailbox may be matched with a login."""
        return []


provider_classes = [GmailProvider]
