"""The mailed link: it holds once, for a while, in the browser that signed up or with the password."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tenants.isolation.context import enter_platform
from tenants.models import Signup
from tests.factories import make_staff, make_user
from tests.signup.newcomer import EMAIL, PASSWORD, Newcomer, link, owners, signups


def test_looking_at_the_link_uses_nothing_up() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    for client in (visitor.client, Client(headers={"host": "localhost"})):
        assert client.get(link()).status_code == 200
        assert client.head(link()).status_code == 200
    assert visitor.confirms()["Location"] == "/sign-up/progress/"


def test_link_holds_once() -> None:
    visitor, other = Newcomer(), Newcomer()
    visitor.signs_up()
    visitor.confirms()
    for reply in (other.get(link()), other.confirms(password=PASSWORD)):
        assert reply.status_code == 410
        assert "used already" in reply.content.decode()
    assert len(owners()) == 1


def test_expired_link_makes_nothing() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    with enter_platform():
        Signup.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for reply in (visitor.get(link()), visitor.confirms()):
        assert reply.status_code == 410
        assert "has expired" in reply.content.decode()
    assert owners() == []


@pytest.mark.parametrize("change", [lambda path: path[:-3] + "xx/", lambda path: "/sign-up/confirm/nonsense/"])
def test_forged_link_is_refused(change: object) -> None:
    visitor = Newcomer()
    visitor.signs_up()
    assert visitor.confirms(change(link())).status_code == 404  # type: ignore[operator]
    assert owners() == []


def test_another_browser_needs_the_password_so_a_stranger_confirms_nobody_elses_account() -> None:
    Newcomer().signs_up()
    other = Newcomer()
    assert "Confirm your address" in other.text(link())
    for typed in ({}, {"password": "wrong"}):
        assert other.confirms(**typed).status_code == 422
    assert owners() == []
    assert other.confirms(password=PASSWORD)["Location"] == "/sign-up/progress/"
    assert len(owners()) == 1


def test_guessing_that_password_is_throttled() -> None:
    Newcomer().signs_up()
    other = Newcomer()
    for _ in range(5):
        other.confirms(password="wrong")
    assert "Too many failed attempts" in other.confirms(password=PASSWORD).content.decode()


@pytest.mark.parametrize("who", [make_user, make_staff])
def test_known_address_takes_the_same_way_and_only_its_mail_says_so(who: object) -> None:
    user = who()  # type: ignore[operator]
    pages = []
    for email in (user.email, "nobody@example.com"):
        visitor = Newcomer()
        assert visitor.signs_up(email=email)["Location"] == "/sign-up/sent/"
        signup = signups()[-1]
        assert signup.state == "waiting"
        pages.append(visitor.text("/sign-up/sent/").replace(email, "@").partition("The link holds")[0])
    assert pages[0] == pages[1]
    assert "has an account already" in mail.outbox[0].body
    assert "/login/" in mail.outbox[0].body
    assert "/confirm/" not in mail.outbox[0].body


def test_address_that_got_an_account_meanwhile_makes_nothing_and_signs_nobody_in() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    make_user(email=EMAIL)
    visitor.confirms()
    assert "has an account already" in visitor.text("/sign-up/progress/")
    assert owners() == []
    assert visitor.get("/customers/").status_code == 302
    assert "/login/" in visitor.get("/customers/")["Location"]


def test_mail_can_be_had_once_more_and_of_both_links_one_is_used() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    visitor.client.post("/sign-up/sent/again/")
    assert [visitor.get(link(number)).status_code for number in (0, 1)] == [200, 200]
    assert visitor.confirms(link(0))["Location"] == "/sign-up/progress/"
    assert Newcomer().get(link(1)).status_code == 410
