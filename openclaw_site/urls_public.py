"""The public host: sign-in callbacks and the pages that anybody may see."""

from django.urls import URLPattern, URLResolver, include, path

from openclaw_site import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("", include("tenants.members.urls_public")),
    path("", include("billing.urls_public")),
    path("sign-up/", include("tenants.signup.urls_public")),
    path("gmail/", include("tenants.gmail.urls")),
    path("accounts/", include("tenants.gmail.provider.urls")),
    path("accounts/", include("tenants.signup.provider.urls")),
]
