"""Addresses of the provider: `gmail_login` and `gmail_callback`. Google is told the latter."""

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from tenants.gmail.provider.provider import GmailProvider

urlpatterns = default_urlpatterns(GmailProvider)
