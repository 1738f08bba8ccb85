"""The provider as a Django app, which is how allauth finds it."""

from django.apps import AppConfig


class GmailProviderConfig(AppConfig):
    """Has no models."""

    name = "tenants.gmail.provider"
    label = "gmail_provider"
    verbose_name = "Gmail consent"
