"""Google's way back: allauth's exchange and check of the ID token, without allauth's accounts."""

from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.views.decorators.cache import never_cache


class GoogleSignIn(SocialLogin):
    """Who came, on the way through allauth. It is looked up nowhere and saved nowhere."""

    def lookup(self) -> None:
        """Nobody is searched here; who may come in is decided by `tenants.signup`."""


class GoogleSignInAdapter(GoogleOAuth2Adapter):
    """The exchange with Google's endpoints."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """On the public host, whatever the request says that it came to."""
        return settings.PUBLIC_BASE_URL + reverse("google_callback", urlconf=settings.PUBLIC_SCHEMA_URLCONF)

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> GoogleSignIn:
        """Who came, by the ID token that Google gave for the code. Nothing is saved."""
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("Google gave no ID token")
        claims: dict[str, Any] = self._decode_id_token(app, id_token)  # type: ignore[no-untyped-call]  # allauth's
        return GoogleSignIn(
            account=SocialAccount(
                provider=self.provider_id,
                uid=str(claims.get("sub") or ""),
                extra_data={
                    "email": str(claims.get("email") or ""),
                    "email_verified": claims.get("email_verified") is True,
                    "name": str(claims.get("name") or ""),
                },
            )
        )


oauth2_callback = never_cache(OAuth2CallbackView.adapter_view(GoogleSignInAdapter))
