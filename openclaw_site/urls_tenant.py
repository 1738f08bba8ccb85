"""A customer's own host: its doors, and behind them its members' pages."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tenants.members.urls_tenant")),
    path("", include("agents.workspace.urls")),
    path("", include("billing.urls_tenant")),
]
