"""Pages that belong to no app: the public front page and a customer's front page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The public host's front page."""
    return render(request, "site/home.html", {"admin_url": settings.ADMIN_BASE_URL})


@require_safe
def customer_home(request: HttpRequest) -> HttpResponse:
    """A customer's front page: whose it is, before anybody signs in."""
    return render(request, "site/customer_home.html", {"public_url": settings.PUBLIC_BASE_URL})
