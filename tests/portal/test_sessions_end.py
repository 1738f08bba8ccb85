"""Whose access is taken away is signed out at once on every host, and nobody else is."""

import pytest

from tenants.isolation.context import enter_platform
from tenants.members.services import access_revoke
from tenants.models import Customer, Membership
from tests.admin.clients import signed_in
from tests.factories import make_staff
from tests.portal.visitors import PUBLIC, Visitor, host_of, make_member, visitor_of

pytestmark = pytest.mark.usefixtures("eager")


def test_deactivated_member_stays_out_also_when_activated_again(customer: Customer) -> None:
    user = make_member(customer)
    client, boss = visitor_of(customer, user), signed_in(make_staff().email)
    fields = {"email": user.email, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    boss.post(f"/tenants/user/{user.pk}/change/", fields)
    assert client.get("/drafts/").status_code == 302
    boss.post(f"/tenants/user/{user.pk}/change/", {**fields, "is_active": "on"})
    assert client.get("/drafts/").status_code == 302, "the former session is not woken"
    page, address = Visitor().sign_in(customer, user.email)
    assert (page.status_code, host_of(address)) == (200, customer.host)


def test_taking_a_membership_away_ends_the_sessions_on_every_host(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    visitor.sign_in(customer, user.email)
    boss = signed_in(make_staff().email)
    with enter_platform():
        membership = Membership.objects.get(user=user)
    boss.post(f"/tenants/membership/{membership.id}/delete/", {"post": "yes"})
    assert visitor.on(customer.host).get("/").status_code == 302
    assert visitor.on(PUBLIC).get("/customers/")["Location"].startswith("/login/")


def test_a_member_signs_out_everywhere(customer: Customer) -> None:
    user, colleague = make_member(customer), visitor_of(customer)
    here, there = visitor_of(customer, user), Visitor()
    there.sign_in(customer, user.email)
    here.post("/logout/everywhere/")
    assert here.get("/").status_code == 302
    assert there.on(customer.host).get("/").status_code == 302
    assert there.on(PUBLIC).get("/customers/").status_code == 302
    assert colleague.get("/").status_code == 200


def test_staff_sign_out_everywhere_and_others_stay(customer: Customer) -> None:
    user, colleague = make_staff(), signed_in(make_staff().email)
    here, there = signed_in(user.email), signed_in(user.email)
    here.post("/sign-in/everywhere/")
    assert [one.get("/").status_code for one in (here, there, colleague)] == [302, 302, 200]


def test_revoking_twice_is_the_same(customer: Customer) -> None:
    user = make_member(customer)
    client = visitor_of(customer, user)
    with enter_platform():
        access_revoke(user=user)
        access_revoke(user=user)
    assert client.get("/").status_code == 302
