"""Pages about money that anybody may see, on the public host."""

from django.urls import URLPattern, path

from billing.views.prices import prices

urlpatterns: list[URLPattern] = [path("prices/", prices, name="prices")]
