"""allauth's own provider, whose way back ends in our adapter."""

from allauth.socialaccount.providers.google.provider import GoogleProvider

from tenants.signup.provider.views import GoogleSignInAdapter


class GoogleSignInProvider(GoogleProvider):
    """Google's OpenID Connect. Asks for who somebody is, and for no access to anything of theirs."""

    oauth2_adapter_class = GoogleSignInAdapter


provider_classes = [GoogleSignInProvider]
