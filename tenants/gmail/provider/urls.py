"""Where Google sends people back to. Starting needs an intent and has its page in `tenants.gmail.urls`."""

from django.urls import URLPattern, path

from tenants.gmail.provider.views import oauth2_callback

urlpatterns: list[URLPattern] = [path("gmail/login/callback/", oauth2_callback, name="gmail_callback")]
