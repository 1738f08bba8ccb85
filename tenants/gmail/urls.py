"""Pages of the Gmail consent."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
