"""Pages that belong to no app: the public front page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The public host's front page."""
    return render(request, "site/home.html", {"admin_url": settings.ADMIN_BASE_URL, "section": "home"})
