"""Addresses that lead from one host to another."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def portal_url(*, host: str, path: str = "/") -> str:
    """The address of `path` on a customer's host, reached as the public host is: same scheme, same port."""
    public = urlsplit(settings.PUBLIC_BASE_URL)
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{host}{port}{path}"


def public_url(name: str, *arguments: str, **query: str) -> str:
    """The address of a page of the public host, by its URL's name."""
    path = reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=arguments)
    return settings.PUBLIC_BASE_URL + path + (f"?{urlencode(query)}" if query else "")


def admin_url(name: str, *arguments: str, **query: str) -> str:
    """The address of a page of the admin host, by its URL's name."""
    path = reverse(name, urlconf=settings.ADMIN_URLCONF, args=arguments)
    return settings.ADMIN_BASE_URL + path + (f"?{urlencode(query)}" if query else "")


def safe_path(path: str) -> str:
    """`path` if it is one of this host, or else `/`: nobody is led away by what stands in an address."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else "/"
