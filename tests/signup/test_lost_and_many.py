"""What is lost on the way is made up for, and what comes too often is held back."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core import mail
from django.utils import timezone

from tenants.isolation.context import enter_platform
from tenants.models import Signup
from tenants.signup import tasks
from tests.signup.newcomer import EMAIL, Newcomer, owners, signups


def test_mail_server_that_is_away_costs_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_PORT", 9)
    visitor = Newcomer()
    assert visitor.signs_up()["Location"] == "/sign-up/sent/"
    assert signups()[0].mailed_at is None
    monkeypatch.undo()
    with enter_platform():
        Signup.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    for _ in range(2):
        tasks.signups_sweep()
    assert len(mail.outbox) == 1
    assert visitor.confirms()["Location"] == "/sign-up/progress/"


def test_customer_whose_job_was_lost_is_made_by_the_sweep() -> None:
    Newcomer().signs_up()
    with enter_platform():
        Signup.objects.update(state="confirmed", confirmed_at=timezone.now() - timedelta(minutes=1))
    tasks.signups_sweep()
    assert len(owners()) == 1


def test_what_was_typed_and_never_confirmed_is_erased() -> None:
    Newcomer().signs_up()
    with enter_platform():
        Signup.objects.update(expires_at=timezone.now() - timedelta(days=8))
    for _ in range(2):
        tasks.signups_forget()
    [signup] = signups()
    assert (signup.email, signup.password, signup.person, signup.company) == ("", "", "", "")


def test_sign_ups_are_throttled_by_mail_address() -> None:
    for number in range(5):
        assert Newcomer().signs_up(company=f"Company {number}").status_code == 302
    assert Newcomer().signs_up().status_code == 429
    assert Newcomer().signs_up(email="other@example.com").status_code == 302
    assert len(signups()) == 6


def test_sign_ups_are_throttled_by_client_address() -> None:
    for number in range(20):
        assert Newcomer().signs_up(email=f"p{number}@example.com").status_code == 302
    reply = Newcomer().signs_up(email="p20@example.com")
    assert reply.status_code == 429
    assert "Too many sign-ups" in reply.content.decode()
    assert len(mail.outbox) == 20


def test_sign_ups_of_all_together_are_throttled_and_nothing_that_was_typed_is_lost(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIGNUP_RATES = {**settings.SIGNUP_RATES, "host": "3/h/key"}
    for number in range(3):
        assert from_address(number).signs_up(email=f"p{number}@example.com").status_code == 302
    late = from_address(99)
    form = late.form(company="Fernweh Reisen", subdomain="fernweh")
    for _ in range(7):
        reply = late.send(form)
        assert reply.status_code == 429
    text = reply.content.decode()
    assert "Very many companies are signing up just now" in text
    for typed in ("Fernweh Reisen", "fernweh", EMAIL, form["form"]):
        assert f'value="{typed}"' in text
    assert (len(signups()), len(mail.outbox)) == (3, 3)
    later = time.time() + 3601
    monkeypatch.setattr(ratelimit.time, "time", lambda: later)
    assert late.send(form).status_code == 302, "the same form, an hour later"


def test_who_floods_closes_the_sign_up_to_nobody_else(settings: Any) -> None:
    settings.SIGNUP_RATES = {**settings.SIGNUP_RATES, "begin": "2/h/ip,5/h/key", "host": "3/h/key"}
    statuses = [from_address(1).signs_up(email=f"p{number}@example.com").status_code for number in range(5)]
    assert statuses == [302, 302, 429, 429, 429]
    other = from_address(2)
    assert other.signs_up().status_code == 302
    other.client.post("/sign-up/sent/again/")
    assert "asked for too often" in other.text("/sign-up/sent/?again=too-often")
    assert len(mail.outbox) == 3, "a mail that is asked for once more counts too"


def from_address(number: int) -> Newcomer:
    """A stranger at an address of their own."""
    newcomer = Newcomer()
    newcomer.client.defaults["REMOTE_ADDR"] = f"203.0.113.{number}"
    return newcomer
