"""Browsers of members of staff, and what they may do."""

from django.contrib.auth.models import Permission
from django.test import Client

from tenants.isolation.context import enter_platform
from tests.factories import PASSWORD, make_staff

HOST = {"host": "admin.localhost"}


def signed_in(email: str, **options: bool) -> Client:
    """A browser in which the person signed in to the admin."""
    client = Client(headers=HOST, **options)
    page = client.get("/login/")
    data = {"username": email, "password": PASSWORD}
    if options.get("enforce_csrf_checks"):
        data["csrfmiddlewaretoken"] = page.cookies["csrftoken"].value
    client.post("/login/", data)
    return client


def staff_with(*permissions: str) -> Client:
    """A browser of a member of staff who may do just this (`view_agent`, `change_customer`)."""
    user = make_staff(is_superuser=False)
    with enter_platform():
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(user.email)
