"""Pages of the Gmail consent, on the public host."""

from django.urls import URLPattern, path

from tenants.gmail import views

urlpatterns: list[URLPattern] = [
    path("connect/", views.connect, name="gmail_connect"),
    path("done/", views.done, name="gmail_done"),
]
