"""Plan, usage and invoices, on a customer's host."""

from django.urls import URLPattern, path

from billing.views import cards, portal, usage

urlpatterns: list[URLPattern] = [
    path("billing/", portal.plan, name="billing"),
    path("billing/usage/", usage.history, name="usage"),
    path("billing/usage/usage.csv", usage.table, name="usage_csv"),
    path("billing/details/", portal.details, name="billing_details"),
    path("billing/decide/", portal.decide, name="billing_decide"),
    path("billing/card/", cards.begin, name="card_begin"),
    path("billing/card/<uuid:visit_id>/", cards.visit, name="card_visit"),
    path("billing/invoices/<uuid:invoice_id>/", portal.invoice, name="invoice"),
]
