"""Invitations: mailed, accepted once, sent again, withdrawn; and every link that opens nothing."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.core import mail, signing
from django.db.models import F
from django.test import Client
from django.utils import timezone

from tenants.isolation.context import enter_platform
from tenants.members.services import invitation_link
from tenants.models import Customer, Invitation, Membership, User
from tests.factories import make_staff
from tests.portal.test_members import set_password
from tests.portal.test_team import at_once, page, roles
from tests.portal.visitors import PUBLIC, Visitor, host_of, make_member, path_of

pytestmark = pytest.mark.usefixtures("eager")
EMAIL = "carla@harborline.example"


def invite(owner: Client, email: str = EMAIL, role: str = "member") -> Any:
    return owner.post("/team/invite/", {"email": email, "role": role})


def link_in(letter: Any) -> str:
    found = re.search(r"http://localhost[:\d]*(/invitation/\?\S+)", letter.body)
    assert found is not None, letter.body
    return found[1]


def token_of(link: str) -> str:
    return unquote(link.split("token=")[1])


def join(visitor: Visitor, link: str) -> Any:
    return visitor.on(PUBLIC).post("/invitation/", {"token": token_of(link)})


def later(**passed: Any) -> None:
    """As if so much time had passed since the invitations were sent."""
    with enter_platform():
        Invitation.objects.update(
            sent_at=F("sent_at") - timedelta(**passed), expires_at=F("expires_at") - timedelta(**passed)
        )


def test_new_person_joins_sets_a_password_and_is_in(customer: Customer, owner: Client) -> None:
    assert invite(owner, " Carla@Harborline.example ", "owner").status_code == 302
    [letter] = mail.outbox
    assert letter.to == [EMAIL]
    assert customer.name in letter.subject
    assert "anna@harborline.example invites you" in letter.body
    [(alternative, kind)] = letter.alternatives
    assert kind == "text/html"
    assert link_in(letter) in alternative
    visitor = Visitor()
    for _ in range(2):
        assert "Join Harborline" in visitor.open(f"http://{PUBLIC}{link_in(letter)}").content.decode()
    assert EMAIL not in roles(customer), "looking at the page accepts nothing"
    reply = join(visitor, link_in(letter))
    assert reply.status_code == 302
    reply, address = visitor.follow(set_password(visitor, path_of(reply["Location"])), PUBLIC)
    assert (reply.status_code, host_of(address)) == (200, customer.host)
    assert roles(customer)[EMAIL] == "owner"
    assert EMAIL in page(owner)
    assert "Send again" not in page(owner)


def test_known_person_joins_and_signs_in(customer: Customer, other: Customer, owner: Client) -> None:
    user, visitor = make_member(other), Visitor()
    invite(owner, user.email)
    link = link_in(mail.outbox[0])
    reply, address = visitor.follow(join(visitor, link), PUBLIC)
    assert host_of(address) == PUBLIC
    assert "Sign in" in reply.content.decode()
    reply, address = visitor.sign_in(customer, user.email)
    assert (reply.status_code, host_of(address)) == (200, customer.host)
    assert roles(other)[user.email] == "member"


def test_joining_signs_another_person_out(customer: Customer, other: Customer, owner: Client) -> None:
    visitor, jonas = Visitor(), make_member(other)
    visitor.sign_in(other, jonas.email)
    invite(owner)
    link = link_in(mail.outbox[0])
    assert jonas.email in visitor.open(f"http://{PUBLIC}{link}").content.decode()
    join(visitor, link)
    assert set(roles(customer)) == {"anna@harborline.example", EMAIL}
    assert visitor.open(f"http://{PUBLIC}/customers/").status_code == 302


def refusal(link: str, visitor: Visitor | None = None) -> str:
    """What both the page and its button say."""
    browser = visitor or Visitor()
    replies = [browser.open(f"http://{PUBLIC}{link}"), join(browser, link)]
    assert [reply.status_code for reply in replies] == [410, 410]
    titles = {html.unescape(re.search(r"<h1[^>]*>(.*?)</h1>", reply.content.decode())[1]) for reply in replies}  # type: ignore[index]
    assert len(titles) == 1
    return titles.pop()


def test_used_link_opens_nothing_more(customer: Customer, owner: Client) -> None:
    invite(owner)
    link = link_in(mail.outbox[0])
    assert join(Visitor(), link).status_code == 302
    with enter_platform():
        Membership.objects.filter(user__email=EMAIL).delete()
    assert refusal(link) == "This invitation was used already"
    assert EMAIL not in roles(customer)


def test_of_two_who_use_a_link_at_once_one_joins(customer: Customer, owner: Client) -> None:
    from tenants.members.services import invitation_accept

    invite(owner)
    token = token_of(link_in(mail.outbox[0]))
    assert at_once(*[lambda: invitation_accept(token=token)] * 3) == ["InvitationRefused"] * 2 + ["done"]
    assert list(roles(customer)).count(EMAIL) == 1


def test_expired_link_opens_nothing(customer: Customer, owner: Client) -> None:
    invite(owner)
    later(days=8)
    assert refusal(link_in(mail.outbox[0])) == "This invitation has expired"
    assert EMAIL not in roles(customer)
    assert "The link has expired" in page(owner)


def test_link_that_was_sent_again_or_withdrawn_ends(customer: Customer, owner: Client) -> None:
    invite(owner)
    with enter_platform():
        path = f"/team/invitations/{Invitation.objects.get().id}/"
    owner.post(path, {"action": "resend"})
    assert "within the last minute" in page(owner)
    later(minutes=2)
    owner.post(path, {"action": "resend"})
    first, second = map(link_in, mail.outbox)
    assert refusal(first) == "This invitation does not hold any more"
    assert Visitor().open(f"http://{PUBLIC}{second}").status_code == 200
    owner.post(path, {"action": "withdraw"})
    assert refusal(second) == "This invitation does not hold any more"
    owner.post(path, {"action": "withdraw"})
    assert "accepted or withdrawn meanwhile" in page(owner)
    assert EMAIL not in page(owner)


@pytest.mark.parametrize("token", ["", "nonsense", "{}x", "elsewhere"])
def test_forged_link_opens_nothing(customer: Customer, owner: Client, token: str) -> None:
    invite(owner)
    whole = token_of(link_in(mail.outbox[0]))
    if token == "elsewhere":
        token = signing.dumps({"invitation": "0"}, salt="elsewhere")
    assert refusal(f"/invitation/?token={quote(token.format(whole))}") == "This link is not valid"


def test_link_of_another_customer_leads_to_that_customer_alone(
    customer: Customer, other: Customer, owner: Client, anna: User
) -> None:
    with enter_platform():
        theirs = Invitation.objects.create(tenant=other, email=EMAIL, expires_at=timezone.now() + timedelta(days=1))
    join(Visitor(), invitation_link(invitation=theirs))
    assert EMAIL not in roles(customer)
    assert EMAIL in roles(other)
    owner.post(f"/team/invitations/{theirs.id}/", {"action": "withdraw"})
    with enter_platform():
        assert Invitation.objects.filter(id=theirs.id).exists()


def test_link_of_a_closed_account_opens_nothing(customer: Customer, owner: Client) -> None:
    invite(owner)
    with enter_platform():
        Customer.objects.filter(id=customer.id).update(state="offboarding")
    assert refusal(link_in(mail.outbox[0])) == "This account is closed"


def test_neither_staff_nor_the_deactivated_join(customer: Customer, owner: Client) -> None:
    for user in (make_staff(), make_member(customer, is_active=False)):
        with enter_platform():
            Membership.objects.filter(user=user).delete()
        invite(owner, user.email)
        link = link_in(mail.outbox[-1])
        reply = join(Visitor(), link)
        assert reply.status_code == 410
        assert user.email not in roles(customer)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "nonsense"}, "valid email"),
        ({"email": ""}, "required"),
        ({"role": "king"}, "valid choice"),
        ({"email": "anna@harborline.example"}, "is a member already"),
    ],
)
def test_what_is_refused_sends_nothing(customer: Customer, owner: Client, fields: dict[str, str], words: str) -> None:
    reply = owner.post("/team/invite/", {"email": EMAIL, "role": "member", **fields})
    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert mail.outbox == []


def test_inviting_twice_is_one_invitation(customer: Customer, owner: Client) -> None:
    invite(owner)
    invite(owner, role="owner")
    assert len(mail.outbox) == 1, "not twice within a minute"
    with enter_platform():
        assert list(Invitation.objects.values_list("email", "role")) == [(EMAIL, "owner")]


def test_no_token_is_in_the_log_or_the_broker(
    customer: Customer, owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    invite(owner)
    link = link_in(mail.outbox[0])
    Visitor().open(f"http://{PUBLIC}{link}")
    assert link not in caplog.text
    assert token_of(link) not in caplog.text
