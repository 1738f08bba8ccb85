"""Each link of ours that is expired, used, cut off or another's says what happened to it and what to do.

That a good one opens its page, once, stands in the tests of each.
"""

import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from tenants.isolation.context import enter_platform
from tenants.members.services import password_link
from tenants.models import Customer, Signup
from tests.portal.links import KINDS, PAST, World, update
from tests.portal.visitors import PUBLIC, Visitor, make_member, membership_of, path_of
from tests.signup.newcomer import Newcomer
from tests.signup.newcomer import link as confirm_link

pytestmark = pytest.mark.usefixtures("eager")
NEW_PASSWORD_LINK = "Sign in if you have set your password, or have a new link sent to you"
CASES = [
    ("sign-up", "expired", 410, "This link has expired", "Sign up once more"),
    ("sign-up", "used", 410, "This link was used already", "Sign in with your address"),
    ("sign-up", "cut off", 404, "This link is not valid", "Open it from the mail again"),
    ("sign-up", "another's", 404, "This link is not valid", "Open it from the mail again"),
    ("invitation", "expired", 410, "This invitation has expired", "Ask whoever invited you for a new invitation"),
    ("invitation", "used", 410, "This invitation was used already", "Sign in, or have a new password sent"),
    ("invitation", "withdrawn", 410, "It was withdrawn, or a newer mail has", "Ask whoever invited you"),
    ("invitation", "cut off", 410, "This link is not valid", "complete to its last character"),
    ("invitation", "another's", 410, "This link is not valid", "complete to its last character"),
    ("password", "expired", 410, "This link does not hold any more", NEW_PASSWORD_LINK),
    ("password", "used", 410, "This link does not hold any more", NEW_PASSWORD_LINK),
    ("password", "cut off", 410, "This link does not hold any more", NEW_PASSWORD_LINK),
    ("password", "another's", 410, "This link does not hold any more", NEW_PASSWORD_LINK),
    ("gmail", "expired", 400, "This link has expired", "connect it under Settings, Gmail"),
    ("gmail", "used", 400, "This link was used already", "connect it under Settings, Gmail"),
    ("gmail", "cut off", 400, "This link is not valid", "complete to its last character"),
    ("gmail", "another's", 400, "This link is not valid", "complete to its last character"),
    ("hand-over", "expired", 403, "That took too long, or it was another browser", "Sign in once more"),
    ("hand-over", "used", 403, "That took too long, or it was another browser", "Sign in once more"),
    ("hand-over", "cut off", 403, "That took too long, or it was another browser", "Sign in once more"),
    ("hand-over", "another's", 403, "That took too long, or it was another browser", "Sign in once more"),
    ("archive", "expired", 200, "That archive is not there any more", "Ask for a new one"),
    ("archive", "used", 200, "That archive is not there any more", "Ask for a new one"),
    ("archive", "another's", 200, "That archive is not there any more", "Ask for a new one"),
    ("lead", "expired", 404, "This lead is not here any more", "see the leads that are kept now"),
    ("lead", "another's", 404, "This lead is not here any more", "see the leads that are kept now"),
]


@pytest.mark.parametrize(("kind", "fault", "status", "happened", "to_do"), CASES)
def test_a_link_that_does_not_hold_says_what_happened_and_what_to_do(
    customer: Customer,
    other: Customer,
    owner: Client,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    fault: str,
    status: int,
    happened: str,
    to_do: str,
) -> None:
    reply = KINDS[kind](World(customer, other, owner, monkeypatch), fault)
    words = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", reply.content.decode())))
    assert reply.status_code == status, words
    assert happened in words
    assert to_do in words


def test_a_used_link_in_the_browser_of_another_sign_up_does_not_lead_to_that() -> None:
    first, second = Newcomer(), Newcomer()
    first.signs_up(subdomain="one")
    theirs = confirm_link()
    second.signs_up(subdomain="two", email="other@example.com")
    update(Signup, state="confirmed", confirmed_at=Now())
    assert first.get(theirs)["Location"] == "/sign-up/progress/"
    assert second.get(theirs).status_code == 410


def test_page_that_waits_for_an_expired_link_says_so_and_sends_none(customer: Customer) -> None:
    visitor = Newcomer()
    visitor.signs_up(subdomain="newcomer")
    update(Signup, expires_at=timezone.now() - PAST)
    for reply in (visitor.get("/sign-up/sent/"), visitor.client.post("/sign-up/sent/again/")):
        assert reply.status_code == 410
        assert "Sign up once more" in reply.content.decode()
    assert len(mail.outbox) == 1


def test_a_password_link_in_another_persons_browser_is_for_whom_it_was_made(customer: Customer) -> None:
    ben, carla = make_member(customer), make_member(customer)
    browser = Visitor()
    browser.sign_in(customer, ben.email)
    page, address = browser.go(f"http://{PUBLIC}{path_of(password_link(user=carla) or '')}")
    assert carla.email in page.content.decode()
    typed = {"new_password1": "a roof over nine heads", "new_password2": "a roof over nine heads"}
    browser.on(PUBLIC).post(path_of(address), typed)
    assert not membership_of(ben).user.check_password("a roof over nine heads")
    with enter_platform():
        assert browser.on(PUBLIC).session["_auth_user_id"] == str(carla.pk)


# What each mail's addresses are: kinds of links, or pages without a token in their address.
PAGE, SEVERAL = "a page behind the sign-in", "a page for everybody"
MAILS = {
    "billing/mail/budget": {PAGE},
    "billing/mail/invoice": {PAGE},
    "billing/mail/loss": {PAGE},
    "billing/mail/past_due": {PAGE},
    "billing/mail/payment_failed": {PAGE},
    "billing/mail/suspended": {PAGE},
    "billing/mail/trial_ending": {PAGE},
    "gmail/mail/needs_reconnect": {"gmail"},
    "members/mail/authenticator": {PAGE},
    "members/mail/closed": {SEVERAL},
    "members/mail/invitation": {"invitation"},
    "members/mail/password": {"password"},
    "members/mail/support_access": {PAGE},
    "members/mail/welcome": {PAGE, "password"},
    "portal/mail/brief": {PAGE},
    "portal/mail/hot_lead": {"lead", PAGE},
    "signup/mail/confirm": {"sign-up"},
    "signup/mail/known": {SEVERAL},
}


def test_no_mail_has_a_link_that_is_not_tried_here() -> None:
    folder = Path(settings.TEMPLATES[0]["DIRS"][0])
    found = {str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/mail/*.txt")}
    assert {name for name in found if not name.endswith("_subject")} == set(MAILS)
    assert {kind for kinds in MAILS.values() for kind in kinds} - {PAGE, SEVERAL} <= set(KINDS)
