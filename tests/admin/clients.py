"""Browsers of members of staff, and what they may do."""

from django.contrib.auth.models import Permission
from django.test import Client

from openclaw_site.demo.phone import Phone, secret_in
from tenants.isolation.context import enter_platform
from tests.factories import PASSWORD, make_staff

HOST = {"host": "admin.localhost"}
PHONES: dict[str, Phone] = {}


def signed_in(email: str, **options: bool) -> Client:
    """A browser in which the person signed in to the admin, with a password and a code."""
    client = Client(headers=HOST, **options)
    page = client.get("/login/")
    data = {"username": email, "password": PASSWORD}
    if options.get("enforce_csrf_checks"):
        data["csrfmiddlewaretoken"] = page.cookies["csrftoken"].value
    client.post("/login/", data)
    second_step(client, email, **options)
    return client


def second_step(client: Client, email: str, **options: bool) -> None:
    """The code of the person's authenticator, which is set up the first time. The password was right before."""
    page = client.get("/login/enrol/")
    if page.status_code == 200:
        PHONES[email] = Phone(secret_in(page.content.decode()))
    phone = PHONES.get(email)
    if phone is None:
        return
    data = {"code": phone.code()}
    if options.get("enforce_csrf_checks"):
        data["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    client.post("/login/enrol/" if page.status_code == 200 else "/login/code/", data)


def staff_with(*permissions: str) -> Client:
    """A browser of a member of staff who may do just this (`view_agent`, `change_customer`)."""
    user = make_staff(is_superuser=False)
    with enter_platform():
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(user.email)
