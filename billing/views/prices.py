"""The prices, for anybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.offers import offers


@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """Every plan that is sold, with what is in it."""
    return render(request, "site/prices.html", {"offers": offers(), "section": "prices"})
