"""The allauth provider `gmail`, an app because allauth looks for providers in apps."""

from django.apps import AppConfig


class GmailProviderConfig(AppConfig):
    """allauth imports `tenants.gmail.provider.provider` from here."""

    name = "tenants.gmail.provider"
    label = "gmail_provider"
