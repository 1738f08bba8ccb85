"""A customer's own host."""

from django.urls import URLPattern, path

from openclaw_site import views

urlpatterns: list[URLPattern] = [
    path("", views.customer_home, name="customer_home"),
]
