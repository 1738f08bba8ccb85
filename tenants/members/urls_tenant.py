"""The doors of a customer's host."""

from django.urls import URLPattern, path

from tenants.members.views import portal

urlpatterns: list[URLPattern] = [
    path("login/", portal.begin, name="portal_begin"),
    path("enter/", portal.enter, name="portal_enter"),
    path("logout/", portal.leave, name="portal_leave"),
]
