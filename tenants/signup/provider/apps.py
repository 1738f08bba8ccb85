"""The provider as a Django app, which is how allauth finds it."""

from django.apps import AppConfig


class GoogleProviderConfig(AppConfig):
    """Has no models."""

    name = "tenants.signup.provider"
    label = "google_provider"
    verbose_name = "Continue with Google"
