"""Staff can't take a customer's last owner away, by no page and no command; another one is made first."""

import html
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.errors import LastOwner
from tenants.members.services import member_add, member_dismiss, member_remove, member_role_put
from tenants.models import Customer, Membership, User
from tests.admin.clients import signed_in
from tests.factories import make_staff
from tests.portal.test_team import at_once, roles
from tests.portal.visitors import make_member, membership_of, visitor_of

pytestmark = pytest.mark.usefixtures("eager")
FIRST = "Make somebody else an owner first."


@pytest.fixture
def staff(customer: Customer) -> Client:
    return signed_in(make_staff().email)


def text(reply: Any) -> str:
    return html.unescape(reply.content.decode())


def command(customer: Customer, user: User, *words: str) -> None:
    call_command("member_add", "--customer", customer.slug, "--email", user.email, *words, stdout=io.StringIO())


def delete_from_list(staff: Client, *memberships: Membership) -> str:
    data = {"action": "delete_selected", "_selected_action": [str(one.id) for one in memberships], "post": "yes"}
    return text(staff.post("/tenants/membership/", data, follow=True))


def test_no_page_of_the_back_office_takes_the_last_owner(customer: Customer, anna: User, staff: Client) -> None:
    make_member(customer)
    make_member(customer, role="owner", is_active=False)  # Who has no way in does not count.
    mine, before = membership_of(anna), roles(customer)
    members, page = f"/tenants/customer/{customer.id}/members/", f"/tenants/membership/{mine.id}"
    assert FIRST in text(staff.post(members, {"remove": str(mine.id)}, follow=True))
    assert FIRST in text(staff.post(members, {"email": anna.email, "role": "member"}, follow=True))
    reply = staff.post(f"{page}/change/", {"role": "member"})
    assert (reply.status_code, FIRST in text(reply)) == (200, True)
    assert FIRST in text(staff.get(f"{page}/delete/"))
    assert FIRST in text(staff.post(f"{page}/delete/", {"post": "yes"}))
    assert FIRST in delete_from_list(staff, mine)
    assert FIRST in text(staff.get(f"/tenants/user/{anna.pk}/delete/"))
    staff.post(f"/tenants/user/{anna.pk}/delete/", {"post": "yes"})
    with pytest.raises(CommandError, match=FIRST):
        command(customer, anna, "--role", "member")
    command(customer, anna)
    assert roles(customer) == before
    assert visitor_of(customer, anna).get("/team/").status_code == 200


def test_with_another_owner_each_of_them_does(customer: Customer, anna: User, staff: Client) -> None:
    owners = [make_member(customer, role="owner") for _ in range(4)]
    one, two, three, four = [membership_of(user) for user in owners]
    staff.post(f"/tenants/membership/{one.id}/change/", {"role": "member"})
    staff.post(f"/tenants/customer/{customer.id}/members/", {"email": owners[1].email, "role": "member"})
    staff.post(f"/tenants/membership/{three.id}/delete/", {"post": "yes"})
    assert "Successfully deleted 1" in delete_from_list(staff, four)
    assert roles(customer) == {anna.email: "owner", owners[0].email: "member", owners[1].email: "member"}
    assert two.user.email == owners[1].email


def test_both_last_owners_at_once_are_refused_from_the_list(customer: Customer, anna: User, staff: Client) -> None:
    other = make_member(customer, role="owner")
    assert FIRST in delete_from_list(staff, membership_of(anna), membership_of(other))
    assert list(roles(customer).values()) == ["owner", "owner"]


def test_staff_and_an_owner_who_each_take_one_of_the_last_two_leave_one(customer: Customer, anna: User) -> None:
    mine, his = membership_of(anna), membership_of(make_member(customer, role="owner"))

    def by_staff() -> None:
        with enter_platform():
            member_remove(customer=customer, membership_id=mine.id)

    def by_owner() -> None:
        with enter_customer(customer.id):
            member_dismiss(actor=mine, membership_id=his.id)

    results = at_once(by_staff, by_owner)
    assert results in (["LastOwner", "done"], ["OwnersOnly", "done"])
    assert list(roles(customer).values()) == ["owner"]


def test_of_a_closed_account_nobody_has_to_stay(customer: Customer, anna: User) -> None:
    with enter_platform():
        with pytest.raises(LastOwner):
            member_role_put(customer=customer, membership_id=membership_of(anna).id, role="member")
        with pytest.raises(ValidationError, match=FIRST):
            member_add(customer=customer, email=anna.email, role="member")
        Customer.objects.filter(pk=customer.pk).update(state="closed")
        customer.refresh_from_db()
        assert member_remove(customer=customer, membership_id=membership_of(anna).id) == anna.email


def test_deactivating_the_last_owner_is_done_at_once_and_said(customer: Customer, anna: User, staff: Client) -> None:
    fields = {"email": anna.email, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    shown = text(staff.post(f"/tenants/user/{anna.pk}/change/", fields, follow=True))
    assert f"The last owner of {customer.name}. {FIRST}" in shown
    assert not membership_of(anna).user.is_active
