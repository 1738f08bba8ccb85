"""The doors of a customer's host."""

from django.urls import URLPattern, path

from tenants.members.views import portal, support

urlpatterns: list[URLPattern] = [
    path("login/", portal.begin, name="portal_begin"),
    path("enter/", portal.enter, name="portal_enter"),
    path("logout/", portal.leave, name="portal_leave"),
    path("logout/everywhere/", portal.leave_everywhere, name="portal_leave_everywhere"),
    path("support/", support.accesses, name="support_accesses"),
    path("support/<uuid:access_id>/end/", support.end, name="support_access_end"),
]
