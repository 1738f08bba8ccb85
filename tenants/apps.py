"""Customers: who they are, how they are kept apart, how they are onboarded, how their Gmail is connected."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Registers the system checks of the isolation."""

    name = "tenants"
    verbose_name = "Customers and people"

    def ready(self) -> None:
        from tenants.isolation import checks  # noqa: F401
