"""Which host a request came to decides whose data it may see.

The public host and the admin host start as `openclaw_public`; the admin host becomes `openclaw_platform` only after
the session showed an active member of staff. Any other host must be a customer's, and becomes `openclaw_tenant`.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import set_urlconf

from tenants.isolation.context import enter_customer, enter_platform, enter_public
from tenants.selectors import customer_by_host, customer_closed

_PORT = re.compile(r":\d+$")
GetResponse = Callable[[HttpRequest], HttpResponse]


class HostMiddleware:
    """Outermost: sets the context and the URLs of the host, and takes the context away at the end."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok", content_type="text/plain")
        try:
            host = _PORT.sub("", request.get_host()).lower()
        except DisallowedHost:
            return HttpResponse("Unknown host.", status=400, content_type="text/plain")
        with enter_public():
            if host == settings.PUBLIC_HOST:
                return self._respond(request, settings.PUBLIC_SCHEMA_URLCONF)
            if host == settings.ADMIN_HOST:
                return self._respond(request, settings.ADMIN_URLCONF)
            customer_id = customer_by_host(host=host)
            if customer_id is None:
                closed = customer_closed(host=host)
                template = "errors/closed.html" if closed else "errors/no_such_customer.html"
                values = {"public_url": settings.PUBLIC_BASE_URL}
                return render(request, template, values, status=410 if closed else 404)
            with enter_customer(customer_id):
                return self._respond(request, settings.TENANT_URLCONF)

    def _respond(self, request: HttpRequest, urlconf: str) -> HttpResponse:
        request.urlconf = urlconf
        set_urlconf(urlconf)
        return self.get_response(request)


class StaffContextMiddleware:
    """After authentication: a member of staff on the admin host acts as the platform."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        on_admin_host = getattr(request, "urlconf", None) == settings.ADMIN_URLCONF
        if on_admin_host and user.is_authenticated and user.is_active and user.is_staff:
            with enter_platform():
                return self.get_response(request)
        return self.get_response(request)
