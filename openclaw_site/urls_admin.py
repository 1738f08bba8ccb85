"""The admin host: staff only."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("openclaw_site.staff.urls")),
    path("", include("openclaw_site.admin.fleet")),
    path("", include("openclaw_site.admin.support")),
    path("", admin.site.urls),
]
