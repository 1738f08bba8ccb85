"""Members and their browsers: each goes the whole way, from the customer's host to the sign-in and back."""

import re
from typing import Any

import httpx
from django.test import Client

from tenants.isolation.context import enter_platform
from tenants.models import Customer, Membership, User
from tests.factories import PASSWORD, make_user

PUBLIC = "localhost"


def make_member(customer: Customer, *, role: str = "member", **fields: Any) -> User:
    """A person with PASSWORD who belongs to the customer."""
    user = make_user(**fields)
    with enter_platform():
        Membership.objects.create(tenant=customer, user=user, role=role)
    return user


def membership_of(user: User) -> Membership:
    """The person's one membership, with customer and person."""
    with enter_platform():
        return Membership.objects.select_related("tenant", "user").get(user=user)


def host_of(address: str) -> str:
    return httpx.URL(address).host


def path_of(address: str) -> str:
    return re.sub(r"^https?://[^/]+", "", address)


class Visitor:
    """A browser with cookies for each host apart, as browsers keep them. Follows nothing by itself."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}

    def on(self, host: str) -> Client:
        return self.clients.setdefault(host, Client(headers={"host": host}))

    def open(self, address: str) -> Any:
        return self.on(host_of(address)).get(path_of(address))

    def follow(self, reply: Any, host: str, *, hops: int = 6) -> tuple[Any, str]:
        """The last page of a chain of redirects, and the address that it has."""
        address = f"http://{host}{reply.wsgi_request.get_full_path()}"
        for _ in range(hops):
            if reply.status_code not in (301, 302):
                return reply, address
            address = str(httpx.URL(address).join(reply["Location"]))
            reply = self.open(address)
        raise AssertionError(f"no end of redirects at {address}")

    def go(self, address: str) -> tuple[Any, str]:
        return self.follow(self.open(address), host_of(address))

    def sign_in(self, customer: Customer, email: str, path: str = "/", password: str = PASSWORD) -> tuple[Any, str]:
        """Opens a page of the customer, types into the form that it is led to; where that ends."""
        _, address = self.go(f"http://{customer.host}{path}")
        assert host_of(address) == PUBLIC, address
        fields = {"username": email, "password": password, "next": httpx.URL(address).params.get("next", "")}
        return self.follow(self.on(PUBLIC).post("/login/", fields), PUBLIC)


def visitor_of(customer: Customer, user: User | None = None) -> Client:
    """The client of the customer's host in a browser where a member signed in."""
    visitor = Visitor()
    page, address = visitor.sign_in(customer, (user or make_member(customer)).email)
    assert (page.status_code, host_of(address)) == (200, customer.host), page.content.decode()
    return visitor.on(customer.host)
