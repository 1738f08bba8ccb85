"""The team on the customer's host: what owners change, what members are refused, and that an owner always remains."""

import html
import threading
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client

from billing.models import Plan
from tenants.isolation.context import enter_customer, enter_platform
from tenants.members import services
from tenants.members.errors import LastOwner, OwnersOnly
from tenants.models import Customer, Membership, User
from tests.portal.visitors import Visitor, make_member, membership_of, visitor_of


def roles(customer: Customer) -> dict[str, str]:
    with enter_platform():
        return dict(Membership.objects.filter(tenant=customer).values_list("user__email", "role"))


def page(client: Client, path: str = "/team/") -> str:
    return html.unescape(client.get(path).content.decode())


def at_once(*calls: Any) -> list[str]:
    """The names of what each raised, or `done`, of calls that begin together."""
    start, results = threading.Barrier(len(calls)), []

    def run(call: Any) -> None:
        start.wait()
        try:
            call()
            results.append("done")
        except Exception as error:
            results.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_owner_changes_a_role_and_removes_a_member(customer: Customer, owner: Client) -> None:
    ben = make_member(customer)
    path, his = f"/team/{membership_of(ben).id}/", visitor_of(customer, ben)
    assert ben.email in page(owner)
    assert owner.post(path, {"action": "role", "role": "owner"}).status_code == 302
    assert roles(customer)[ben.email] == "owner"
    assert f"{ben.email} is an owner now." in page(owner)
    assert owner.post(path, {"action": "remove"}).status_code == 302
    assert roles(customer) == {"anna@harborline.example": "owner"}
    assert his.get("/").status_code == 302, "the way in ends with the next request"
    assert owner.post(path, {"action": "remove"}).status_code == 302
    assert "removed meanwhile" in page(owner)


@pytest.mark.parametrize("fields", [{"action": "role", "role": "king"}, {"action": "role"}])
def test_nonsense_changes_no_role(customer: Customer, owner: Client, fields: dict[str, str]) -> None:
    ben = make_member(customer)
    assert owner.post(f"/team/{membership_of(ben).id}/", fields).status_code == 422
    assert roles(customer)[ben.email] == "member"


def test_members_see_what_owners_could_do_and_are_refused_by_hand(
    customer: Customer, anna: User, member: Client, other: Customer
) -> None:
    ben = make_member(customer)
    his = f"/team/{membership_of(ben).id}/"
    text = page(member)
    assert "Only an owner can invite people, change roles and remove members" in text
    assert anna.email in text
    before = roles(customer)
    for path, data in (
        (his, {"action": "remove"}),
        (his, {"action": "role", "role": "owner"}),
        ("/team/invite/", {"email": "x@y.example", "role": "owner"}),
        (f"/team/invitations/{uuid.uuid4()}/", {"action": "withdraw"}),
        ("/connection/disconnect/", {}),
        ("/account/exports/", {}),
        (f"/account/exports/{uuid.uuid4()}/", {}),
        ("/account/close/", {"subdomain": customer.slug}),
    ):
        reply = member.post(path, data)
        assert reply.status_code == 403, path
        assert "You can't do that here" in html.unescape(reply.content.decode())
        assert anna.email in reply.content.decode()
    assert roles(customer) == before
    with enter_platform():
        assert Customer.objects.get(id=customer.id).state == "active"


def test_member_of_another_customer_is_not_found(customer: Customer, other: Customer, owner: Client) -> None:
    theirs = membership_of(make_member(other))
    assert owner.get(f"/team/{theirs.id}/").status_code == 404
    owner.post(f"/team/{theirs.id}/", {"action": "remove"})
    assert roles(other) != {}


@pytest.mark.parametrize("fields", [{"action": "remove"}, {"action": "role", "role": "member"}])
def test_last_owner_stays(customer: Customer, anna: User, owner: Client, fields: dict[str, str]) -> None:
    make_member(customer)
    # Who has no way in does not count.
    make_member(customer, role="owner", is_active=False)
    reply = owner.post(f"/team/{membership_of(anna).id}/", fields)
    assert reply.status_code == 409
    assert "the last owner" in reply.content.decode()
    assert roles(customer)[anna.email] == "owner"
    reply = owner.post("/team/leave/")
    assert reply.status_code == 409
    assert "You are the last owner" in reply.content.decode()


def test_two_owners_who_demote_each_other_leave_one(customer: Customer, anna: User) -> None:
    mine, his = membership_of(anna), membership_of(make_member(customer, role="owner"))

    def demote(actor: Membership, target: Membership) -> None:
        with enter_customer(customer.id):
            services.member_role_set(actor=actor, membership_id=target.id, role="member")

    results = at_once(lambda: demote(mine, his), lambda: demote(his, mine))
    assert results == [OwnersOnly.__name__, "done"]
    assert sorted(roles(customer).values()) == ["member", "owner"]


def test_two_last_owners_who_leave_at_once_leave_one(customer: Customer, anna: User) -> None:
    both = [membership_of(anna), membership_of(make_member(customer, role="owner"))]

    def leave(member: Membership) -> None:
        with enter_customer(customer.id):
            services.member_leave(actor=member)

    assert at_once(*[lambda one=one: leave(one) for one in both]) == [LastOwner.__name__, "done"]
    assert list(roles(customer).values()) == ["owner"]


def test_member_leaves_and_is_signed_out(customer: Customer, anna: User) -> None:
    user, visitor = make_member(customer), Visitor()
    visitor.sign_in(customer, user.email)
    client = visitor.on(customer.host)
    assert "Leave Harborline?" in page(client, "/team/leave/")
    assert "You have left Harborline" in client.post("/team/leave/").content.decode()
    assert roles(customer) == {anna.email: "owner"}
    assert client.get("/").status_code == 302


def test_one_navigation_leads_to_every_page(customer: Customer, owner: Client) -> None:
    text = page(owner, "/profile/")
    for path in ("/", "/drafts/", "/leads/", "/messages/", "/briefs/", "/activity/", "/profile/", "/connection/",
                 "/team/", "/mail/", "/account/", "/billing/", "/hours/"):  # fmt: skip
        assert f'href="{path}"' in text, path
        assert 'aria-current="page"' in page(owner, path), path


def test_team_gmail_and_account_are_there_while_the_customer_is_set_up(customer: Customer, owner: Client) -> None:
    with enter_platform():
        Customer.objects.filter(id=customer.id).update(state="provisioning")
    assert "is being set up" in page(owner, "/leads/")
    for path in ("/team/", "/connection/", "/mail/", "/account/", "/account/close/"):
        assert "is being set up</h1>" not in page(owner, path), path
        assert owner.get(path).status_code == 200


def test_a_plan_s_room_counts_members_and_the_invited(customer: Customer, owner: Client) -> None:
    with enter_platform():
        Plan.objects.filter(code=customer.plan).update(members_limit=2)
    try:
        assert owner.post("/team/invite/", {"email": "ben@harborline.example", "role": "member"}).status_code == 302
        refused = owner.post("/team/invite/", {"email": "carla@harborline.example", "role": "member"})
        assert refused.status_code == 422
        assert "The plan has room for 2 people" in html.unescape(refused.content.decode())
        with enter_platform(), pytest.raises(ValidationError, match="room for 2 people"):
            services.member_add(customer=customer, email="carla@harborline.example")
    finally:
        with enter_platform():
            Plan.objects.filter(code=customer.plan).update(members_limit=None)
