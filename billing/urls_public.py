"""What is about money on the public host: the prices, and where Stripe tells us what happened."""

from django.urls import URLPattern, path

from billing.views.prices import prices
from billing.views.webhook import webhook

urlpatterns: list[URLPattern] = [
    path("prices/", prices, name="prices"),
    path("payments/stripe/", webhook, name="stripe_webhook"),
]
