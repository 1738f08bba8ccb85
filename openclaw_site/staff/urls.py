"""The sign-in of the admin host. Stands before the admin's own addresses, whose sign-in it replaces."""

from django.urls import URLPattern, path

from openclaw_site.staff import security, views

urlpatterns: list[URLPattern] = [
    path("login/", views.PasswordView.as_view()),
    path("login/code/", views.code, name="staff_code"),
    path("login/enrol/", views.enrol, name="staff_enrol"),
    path("sign-in/", security.security, name="staff_security"),
    path("sign-in/replace/", security.replace, name="staff_replace"),
    path("sign-in/replace/new/", security.replace_new, name="staff_replace_new"),
    path("sign-in/everywhere/", security.everywhere, name="staff_everywhere"),
]
