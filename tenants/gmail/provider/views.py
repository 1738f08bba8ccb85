"""Google's way back to us, and the sign-in address that allauth expects but that signs nobody in."""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from tenants.gmail.outcomes import Outcome
from tenants.gmail.results import finish


class GmailConsent(SocialLogin):
    """A consent on its way through allauth. It is looked up nowhere, so it can't be anybody's login."""

    def lookup(self) -> None:
        """Nobody is searched, by account or by e-mail address."""


class GmailOAuth2Adapter(OAuth2Adapter):
    """The exchange with Google's endpoints."""

    provider_id = "gmail"

    @property
    def access_token_url(self) -> str:  # type: ignore[override]
        return settings.GOOGLE_TOKEN_URL

    @property
    def authorize_url(self) -> str:
        return settings.GOOGLE_AUTHORIZE_URL

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """On the public host, whatever the request says that it came to."""
        return settings.PUBLIC_BASE_URL + reverse("gmail_callback", urlconf=settings.PUBLIC_SCHEMA_URLCONF)

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> GmailConsent:
        """Whose consent it is, asked of Google with the token itself, and what it covers. Nothing is saved."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(
                settings.GOOGLE_USERINFO_URL, headers={"Authorization": f"Bearer {token.token}"}, timeout=5
            )
        if not answer.ok:
            raise OAuth2Error(f"Google's userinfo answered {answer.status_code}")
        person = answer.json()
        account = SocialAccount(
            provider=self.provider_id,
            uid=str(person.get("sub") or person.get("id") or ""),
            extra_data={
                "email": str(person.get("email") or ""),
                "email_verified": bool(person.get("email_verified", person.get("verified_email", False))),
                "scopes": str(kwargs["response"].get("scope") or "").split(),
            },
        )
        return GmailConsent(account=account)


@never_cache
def oauth2_login(request: HttpRequest) -> HttpResponse:
    """Nothing begins here: a consent begins with a signed link."""
    return finish(request, Outcome.NO_LINK)


oauth2_callback = never_cache(OAuth2CallbackView.adapter_view(GmailOAuth2Adapter))
