"""“Continue with Google”: strangers sign up, members sign in, staff never; nothing of allauth's is stored."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from openclaw_site.devstack.google import Google
from tenants.isolation.context import enter_platform, enter_public
from tenants.models import Membership, User
from tenants.signup.errors import GoogleRefused
from tenants.signup.services import google_enter
from tests.factories import make_customer, make_staff, make_user
from tests.gmail.visit import MAILBOX, NO_LOGINS, rows_of_logins
from tests.signup.newcomer import Newcomer, signups

pytestmark = pytest.mark.usefixtures("google")


def subject_of(user: User) -> str | None:
    with enter_platform():
        return User.objects.get(pk=user.pk).google_subject


def is_in(visitor: Newcomer) -> bool:
    return not str(visitor.get("/customers/").headers.get("Location", "")).startswith("/login/")


def test_stranger_signs_up_without_a_mail_and_without_a_password() -> None:
    visitor = Newcomer()
    reply = visitor.comes_with_google(MAILBOX, plan="starter")
    assert reply["Location"] == "/sign-up/?plan=starter"
    text = visitor.text("/sign-up/?plan=starter")
    assert MAILBOX in text
    assert 'type="password"' not in text
    form = {**visitor.form(email="forged@example.com"), "plan": "starter"}
    assert visitor.send(form)["Location"] == "/sign-up/progress/"
    assert "steps are done" in visitor.text("/sign-up/progress/")
    assert mail.outbox == []
    with enter_platform():
        user = Membership.objects.select_related("user").get().user
    assert (user.email, user.has_usable_password()) == (MAILBOX, False)
    assert user.google_subject
    assert rows_of_logins() == NO_LOGINS
    assert [one.email for one in signups()] == [MAILBOX]
    again = Newcomer()
    assert again.comes_with_google(MAILBOX)["Location"] == "/customers/"
    assert is_in(again)


def test_member_is_signed_in_bound_from_then_on_and_goes_on_to_where_they_came_from(google: Google) -> None:
    user, visitor = make_user(email=MAILBOX), Newcomer()
    assert visitor.comes_with_google(MAILBOX, next="/hand-over/?host=x")["Location"] == "/hand-over/?host=x"
    assert is_in(visitor)
    assert subject_of(user)
    assert rows_of_logins() == NO_LOGINS


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(wanted: str) -> None:
    make_user(email=MAILBOX)
    assert Newcomer().comes_with_google(MAILBOX, next=wanted)["Location"] == "/"


@pytest.mark.parametrize("change", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_staff_and_deactivated_people_are_never_signed_in(change: dict[str, bool]) -> None:
    user, visitor = make_user(email=MAILBOX, **change), Newcomer()
    assert visitor.comes_with_google(MAILBOX).status_code == 403
    assert not is_in(visitor)
    assert subject_of(user) is None


def test_staff_in_the_back_office_stay_who_they_are() -> None:
    make_staff(email=MAILBOX)
    visitor = Newcomer()
    visitor.comes_with_google(MAILBOX)
    office = Client(headers={"host": "admin.localhost"})
    office.cookies["sessionid"] = visitor.client.cookies["sessionid"].value if visitor.client.cookies else ""
    assert office.get("/").status_code == 302


def test_another_google_account_with_the_same_address_stays_outside() -> None:
    user = make_user(email=MAILBOX)
    with enter_platform():
        User.objects.filter(pk=user.pk).update(google_subject="somebody-else")
    visitor = Newcomer()
    assert visitor.comes_with_google(MAILBOX).status_code == 403
    assert not is_in(visitor)


def test_bound_account_signs_in_after_its_address_changed_at_google() -> None:
    user = make_user(email="before@example.com")
    with enter_platform():
        User.objects.filter(pk=user.pk).update(google_subject="42")
    with enter_public():
        assert google_enter(subject="42", email="after@example.com", is_verified=True) == user


@pytest.mark.parametrize("about", [{"is_verified": False}, {"email": ""}, {"subject": ""}])
def test_unverified_address_opens_nothing(about: dict[str, Any]) -> None:
    user = make_user(email=MAILBOX)
    with enter_public(), pytest.raises(GoogleRefused):
        google_enter(**{"subject": "42", "email": MAILBOX, "is_verified": True, **about})
    assert subject_of(user) is None


def test_answer_that_this_browser_did_not_ask_for_is_refused() -> None:
    make_user(email=MAILBOX)
    visitor = Newcomer()
    reply = visitor.get("/accounts/google/login/callback/?code=x&state=y")
    assert reply.status_code == 400
    assert "did not say who you are" in reply.content.decode()
    assert not is_in(visitor)


def test_nothing_begins_by_a_link() -> None:
    assert Newcomer().get("/sign-up/google/").status_code == 405
    assert Newcomer().get("/accounts/google/login/").status_code == 404


def test_google_account_that_is_connected_as_a_mailbox_is_no_login_by_that() -> None:
    """The consent's provider stays apart: only a verified address of a member signs in, whatever is connected."""
    make_customer(email=MAILBOX)
    visitor = Newcomer()
    assert visitor.comes_with_google(MAILBOX)["Location"] == "/sign-up/"
    assert not is_in(visitor)
