"""Closing the account from the portal: by an owner who types its name. While it is set up: tests/onboarding."""

import pytest
from django.test import Client

from tenants.isolation.context import enter_platform
from tenants.models import Customer, Membership
from tests.portal.test_team import page
from tests.portal.visitors import make_member, visitor_of


def state_of(customer: Customer) -> str:
    with enter_platform():
        return Customer.objects.get(id=customer.id).state


def test_page_says_what_goes_and_offers_the_archive_first(customer: Customer, owner: Client) -> None:
    text = page(owner, "/account/close/")
    for words in ("can't be undone", "deleted", "7 days", "Make an archive first", customer.slug):
        assert words in text, words
    assert state_of(customer) == "active"


@pytest.mark.parametrize("typed", ["", "fernweh", "harborlin", "Harborline Roofing"])
def test_what_is_not_the_subdomain_closes_nothing(customer: Customer, owner: Client, typed: str) -> None:
    reply = owner.post("/account/close/", {"subdomain": typed})
    assert reply.status_code == 422
    assert state_of(customer) == "active"


def test_owner_who_was_demoted_meanwhile_closes_nothing(customer: Customer, owner: Client) -> None:
    make_member(customer, role="owner")
    with enter_platform():
        Membership.objects.filter(user__email="anna@harborline.example").update(role="member")
    assert owner.post("/account/close/", {"subdomain": customer.slug}).status_code == 403
    assert state_of(customer) == "active"


def test_members_are_told_who_could_close_it(customer: Customer, owner: Client) -> None:
    client = visitor_of(customer)
    text = page(client, "/account/")
    assert "Only an owner can close the account" in text
    assert "anna@harborline.example" in text
    assert client.get("/account/close/").status_code == 403
