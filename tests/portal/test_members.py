"""How a member comes to be, gets a password, and stops being one."""

import io
import json
import re
from typing import Any

import httpx
import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from tenants.isolation.context import enter_platform
from tenants.members.services import member_add
from tenants.models import Customer, Membership, User
from tests.admin.clients import signed_in, staff_with
from tests.factories import PASSWORD, make_staff, make_user
from tests.portal.visitors import PUBLIC, Visitor, host_of, make_member, path_of, visitor_of

pytestmark = pytest.mark.usefixtures("eager")
NEW_PASSWORD = "a roof over nine heads"


def add(customer: Customer, email: str, role: str = "member") -> Membership:
    with enter_platform():
        return member_add(customer=customer, email=email, role=role)


def people() -> dict[str, str]:
    """Every membership: address and role."""
    with enter_platform():
        return dict(Membership.objects.values_list("user__email", "role"))


def link_in(text: str) -> str:
    found = re.search(r"http://localhost[:\d]*(/password/\S+/\S+/)", text)
    assert found is not None, text
    return found[1]


def set_password(visitor: Visitor, link: str, password: str = NEW_PASSWORD) -> Any:
    page, address = visitor.go(f"http://{PUBLIC}{link}")
    assert "Set your password" in page.content.decode()
    assert link not in address, "the link does not stay in the address"
    fields = {"new_password1": password, "new_password2": password}
    return visitor.on(PUBLIC).post(path_of(address), fields)


def test_first_member_gets_a_link_sets_a_password_and_is_in(customer: Customer) -> None:
    add(customer, " Anna@Harborline.example ", "owner")
    assert people() == {"anna@harborline.example": "owner"}
    [letter] = mail.outbox
    assert letter.to == ["anna@harborline.example"]
    assert customer.name in letter.subject
    assert f"//{customer.host}" in letter.body
    visitor = Visitor()
    page, address = visitor.follow(set_password(visitor, link_in(letter.body)), PUBLIC)
    assert (page.status_code, host_of(address)) == (200, customer.host)
    assert "anna@harborline.example" in page.content.decode()


def test_link_holds_once(customer: Customer) -> None:
    add(customer, "anna@harborline.example")
    link = link_in(mail.outbox[0].body)
    visitor = Visitor()
    set_password(visitor, link)
    page, _ = Visitor().go(f"http://{PUBLIC}{link}")
    assert "does not hold any more" in page.content.decode()


def test_weak_password_is_refused_with_the_reason(customer: Customer) -> None:
    add(customer, "anna@harborline.example")
    reply = set_password(Visitor(), link_in(mail.outbox[0].body), "password")
    assert "too common" in reply.content.decode()


def test_adding_twice_changes_the_role_and_makes_nobody_anew(customer: Customer) -> None:
    first, second = add(customer, "anna@harborline.example"), add(customer, "ANNA@harborline.example", "owner")
    assert first.id == second.id
    assert people() == {"anna@harborline.example": "owner"}
    assert len(mail.outbox) == 2


def test_who_has_a_password_gets_no_link(customer: Customer, other: Customer) -> None:
    user = make_member(other)
    add(customer, user.email)
    assert "/password/" not in mail.outbox[0].body
    visitor_of(customer, user)


@pytest.mark.parametrize(
    ("email", "role", "state", "field"),
    [
        ("nonsense", "member", "active", "email"),
        ("", "member", "active", "email"),
        ("a@b.example", "king", "active", "role"),
        ("a@b.example", "member", "offboarding", "customer"),
    ],
)
def test_what_is_refused_makes_nobody(customer: Customer, email: str, role: str, state: str, field: str) -> None:
    customer.state = state
    with pytest.raises(ValidationError) as error:
        add(customer, email, role)
    assert set(error.value.message_dict) == {field}
    assert people() == {}
    assert mail.outbox == []


def test_deactivated_person_is_not_let_in_by_the_back_door(customer: Customer) -> None:
    user = make_user(is_active=False)
    with pytest.raises(ValidationError, match="deactivated"):
        add(customer, user.email)
    assert people() == {}


def test_staff_cannot_make_themselves_members(customer: Customer) -> None:
    staff = make_staff()
    with pytest.raises(ValidationError, match="is staff"):
        add(customer, staff.email.upper())
    with pytest.raises(CommandError, match="staff don't read customers' mail"):
        command("--customer", customer.slug, "--email", staff.email)
    client = signed_in(staff.email)
    mail.outbox.clear()  # That of the new authenticator.
    client.post(f"/tenants/customer/{customer.id}/members/", {"email": staff.email, "role": "owner"})
    assert "is staff, and staff don&#x27;t read" in client.get(page_of(customer)).content.decode()
    assert people() == {}
    assert mail.outbox == []


def test_member_who_becomes_staff_is_out_at_the_next_request_and_listed_so(customer: Customer, other: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    visitor.sign_in(customer, user.email)
    with enter_platform():
        Membership.objects.create(tenant=other, user=user)
        User.objects.filter(pk=user.pk).update(is_staff=True)
    for path in ("/", "/drafts/", "/messages/"):
        reply = visitor.open(f"http://{customer.host}{path}")
        assert reply.status_code == 403
        assert "is staff of ours" in reply.content.decode()
    page, address = visitor.go(f"http://{other.host}/")
    assert (page.status_code, host_of(address)) == (403, PUBLIC), "no new hand-over either"
    assert "its own sign-in" in visitor.open(f"http://{PUBLIC}/customers/").content.decode()
    assert "staff: no way in" in signed_in(make_staff().email).get(page_of(customer)).content.decode()
    with enter_platform():
        User.objects.filter(pk=user.pk).update(is_staff=False)
    assert visitor.open(f"http://{customer.host}/").status_code == 200


def test_forgotten_password(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    session = visitor_of(customer, user)
    reply = visitor.on(PUBLIC).post("/password/", {"email": user.email.upper()})
    assert "Look into your mailbox" in reply.content.decode()
    [letter] = mail.outbox
    set_password(visitor, link_in(letter.body))
    assert session.get("/").status_code == 302, "sessions with the former password have ended"
    page, _ = Visitor().sign_in(customer, user.email)
    assert "do not belong together" in page.content.decode()
    page, address = Visitor().sign_in(customer, user.email, password=NEW_PASSWORD)
    assert host_of(address) == customer.host


def test_page_says_the_same_of_an_address_that_nobody_has(customer: Customer) -> None:
    client, user = Client(headers={"host": PUBLIC}), make_member(customer)
    texts = []
    for email in ("nobody@example.com", user.email):
        texts.append(client.post("/password/", {"email": email}).content.decode().replace(email, "…"))
    assert texts[0] == texts[1]
    assert [letter.to for letter in mail.outbox] == [[user.email]]


def test_links_are_not_sent_by_the_dozen(customer: Customer) -> None:
    client, user = Client(headers={"host": PUBLIC}), make_member(customer)
    replies = [client.post("/password/", {"email": user.email}).status_code for _ in range(6)]
    assert replies == [200] * 5 + [429]
    assert len(mail.outbox) == 5


def test_staff_get_no_link_and_a_former_link_does_not_open_the_back_office(customer: Customer) -> None:
    staff, visitor = make_staff(), Visitor()
    visitor.on(PUBLIC).post("/password/", {"email": staff.email})
    assert "not set by mail" in mail.outbox[0].body
    assert "/password/" not in mail.outbox[0].body
    add(customer, "anna@harborline.example")
    with enter_platform():
        User.objects.filter(email="anna@harborline.example").update(is_staff=True)
    page, _ = visitor.go(f"http://{PUBLIC}{link_in(mail.outbox[1].body)}")
    assert "does not hold any more" in page.content.decode()


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("member_add", *arguments, stdout=out)
    return out.getvalue()


def test_command_adds_mails_and_prints_the_link(customer: Customer) -> None:
    text = command("--customer", customer.slug, "--email", "anna@harborline.example", "--role", "owner")
    assert people() == {"anna@harborline.example": "owner"}
    assert len(mail.outbox) == 1
    visitor = Visitor()
    _, address = visitor.follow(set_password(visitor, link_in(text)), PUBLIC)
    assert host_of(address) == customer.host
    again = json.loads(command("--customer", customer.slug, "--email", "anna@harborline.example", "--json"))
    assert again["password_url"] is None
    assert httpx.URL(again["url"]).host == customer.host


@pytest.mark.parametrize("arguments", [("nobody", "a@b.example"), ("{slug}", "nonsense")])
def test_wrong_command_line_exits_with_2(customer: Customer, arguments: tuple[str, str]) -> None:
    who, email = arguments
    with pytest.raises(CommandError) as error:
        command("--customer", who.format(slug=customer.slug), "--email", email)
    assert error.value.returncode == 2
    assert people() == {}


def page_of(customer: Customer) -> str:
    return f"/tenants/customer/{customer.id}/change/"


def test_staff_add_and_remove_a_member_on_the_customers_page(customer: Customer) -> None:
    staff = signed_in(make_staff().email)
    assert "Nobody can read its pages yet" in staff.get(page_of(customer)).content.decode()
    address = f"/tenants/customer/{customer.id}/members/"
    staff.post(address, {"email": "anna@harborline.example", "role": "owner"})
    assert people() == {"anna@harborline.example": "owner"}
    text = staff.get(page_of(customer)).content.decode()
    assert "anna@harborline.example" in text
    assert "has not signed in yet" in text
    with enter_platform():
        membership = Membership.objects.get()
    staff.post(address, {"remove": str(membership.id)})
    assert people() == {"anna@harborline.example": "owner"}
    assert "Make somebody else an owner first" in staff.get(page_of(customer)).content.decode()
    add(customer, "ben@harborline.example", "owner")
    staff.post(address, {"remove": str(membership.id)})
    assert people() == {"ben@harborline.example": "owner"}
    assert "is no longer a member" in staff.get(page_of(customer)).content.decode()
    staff.post(address, {"remove": "nonsense"})
    assert "gone already" in staff.get(page_of(customer)).content.decode()


def test_staff_see_why_somebody_could_not_be_added(customer: Customer) -> None:
    staff = signed_in(make_staff().email)
    staff.post(f"/tenants/customer/{customer.id}/members/", {"email": "nonsense", "role": "member"})
    assert "valid email" in staff.get(page_of(customer)).content.decode()


def test_a_member_of_another_customer_is_not_removed_by_a_mixed_up_address(customer: Customer, other: Customer) -> None:
    staff = signed_in(make_staff().email)
    membership = add(other, "jonas@fernweh.example")
    staff.post(f"/tenants/customer/{customer.id}/members/", {"remove": str(membership.id)})
    assert people() == {"jonas@fernweh.example": "member"}


def test_members_are_for_staff_who_may_see_and_change_them(customer: Customer) -> None:
    membership = add(customer, "anna@harborline.example")
    viewer = staff_with("view_customer")
    assert "anna@harborline.example" not in viewer.get(page_of(customer)).content.decode()
    address = f"/tenants/customer/{customer.id}/members/"
    assert viewer.post(address, {"email": "b@b.example", "role": "member"}).status_code == 403
    assert viewer.post(address, {"remove": str(membership.id)}).status_code == 403
    assert people() == {"anna@harborline.example": "member"}


def test_list_of_all_members(customer: Customer) -> None:
    add(customer, "anna@harborline.example")
    staff = signed_in(make_staff().email)
    assert "anna@harborline.example" in staff.get("/tenants/membership/").content.decode()
    assert staff.get("/tenants/membership/add/").status_code == 403
    with enter_platform():
        membership = Membership.objects.get()
    reply = staff.post(f"/tenants/membership/{membership.id}/change/", {"role": "owner"})
    assert reply.status_code == 302
    assert people() == {"anna@harborline.example": "owner"}


def test_sign_in_shows_no_secret_in_the_log(customer: Customer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    add(customer, "anna@harborline.example")
    Visitor().sign_in(customer, make_member(customer).email)
    assert PASSWORD not in caplog.text
    assert link_in(mail.outbox[0].body) not in caplog.text
