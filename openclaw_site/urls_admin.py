"""The admin host: staff only."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("openclaw_site.admin.fleet")),
    path("", admin.site.urls),
]
