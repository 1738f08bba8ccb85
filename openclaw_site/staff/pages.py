"""How the pages of staff's sign-in are shown. They are rendered where the context holds that their queries need."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe

from openclaw_site.staff.authenticators import secret_as_qr
from openclaw_site.staff.forms import CodeForm
from tenants.models import User


def page(request: HttpRequest, name: str, form: CodeForm, values: dict[str, Any]) -> HttpResponse:
    """The page with its form, and the status that the form calls for."""
    context = {**admin.site.each_context(request), **values, "form": form, "site_url": None}
    status = 200
    if form.errors:
        status = 429 if form.has_error("code", "throttled") else 422
    return TemplateResponse(request, f"admin/staff/{name}.html", context, status=status).render()


def codes_page(request: HttpRequest, codes: list[str], path: str) -> HttpResponse:
    """The recovery codes, this once; then on to `path`."""
    shown = {"title": "Your recovery codes", "codes": codes, "path": path, "site_url": None}
    context = {**admin.site.each_context(request), **shown}
    return TemplateResponse(request, "admin/staff/codes.html", context).render()


def secret_shown(*, user: User, secret: str) -> dict[str, Any]:
    """What a page shows of a new authenticator's secret: a picture, and the same in letters."""
    # The SVG is made of our own secret and the person's address, which the library quotes.
    qr = mark_safe(secret_as_qr(user=user, secret=secret))  # noqa: S308
    return {"qr": qr, "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}
