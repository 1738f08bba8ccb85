"""The one address that Google is told. Nothing begins here, and no token can be posted here."""

from django.urls import URLPattern, path

from tenants.signup.provider import views

urlpatterns: list[URLPattern] = [path("google/login/callback/", views.oauth2_callback, name="google_callback")]
