"""Staff replace their own authenticator: with a code of the present one, and nothing of the former holds afterwards."""

import html
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from openclaw_site.demo.phone import Phone, code_of, recovery_codes_in, secret_in
from openclaw_site.staff import replacing
from tenants.isolation.context import enter_platform
from tenants.models import User
from tests.admin.clients import HOST
from tests.factories import make_staff
from tests.staff.test_second_step import after_password, enrolled, is_in, is_in_by, signed_in_again

pytestmark = pytest.mark.usefixtures("database", "eager")
FIRST, SECOND = "/sign-in/replace/", "/sign-in/replace/new/"


def text(reply: Any) -> str:
    return html.unescape(reply.content.decode())


def begun(user: User, code: str) -> tuple[Client, Phone]:
    """Signed in anew, past the first step with this code; the new phone, with the secret that is shown."""
    client = signed_in_again(user)
    assert client.post(FIRST, {"code": code})["Location"] == SECOND
    return client, Phone(secret_in(text(client.get(SECOND))))


@pytest.mark.parametrize("by", ["code", "recovery code"])
def test_a_new_authenticator_takes_the_place_of_the_former(by: str) -> None:
    user = make_staff()
    elsewhere, phone, codes = enrolled(user)
    client, new = begun(user, phone.code() if by == "code" else codes[1])
    assert "Replace it" in text(client.get("/sign-in/"))
    mail.outbox.clear()
    shown = client.post(SECOND, {"code": new.code()})
    renewed = recovery_codes_in(text(shown))
    assert (shown.status_code, len(renewed), set(renewed) & set(codes)) == (200, 10, set())
    assert is_in(client), "this session goes on"
    assert not is_in(elsewhere), "the others have ended"
    assert client.get(SECOND)["Location"] == FIRST
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([user.email], "Your authenticator was replaced")
    assert "tell a colleague" in letter.body
    with enter_platform():
        assert Authenticator.objects.filter(user=user).count() == 2
        entry = LogEntry.objects.filter(object_id=str(user.pk), user=user).first()
    assert entry is not None
    assert entry.change_message == "Replaced the authenticator and signed out everywhere else."
    for former in (codes[2], code_of(phone.secret, int(time.time()) // 30)):
        assert not is_in_by(user, former)
    assert is_in_by(user, renewed[0])
    assert is_in_by(user, new.code())


def test_without_a_code_of_the_present_one_nothing_is_shown_or_replaced() -> None:
    user = make_staff()
    client, phone, codes = enrolled(user)
    secret_of_another = Phone("A" * 32)
    assert client.get(SECOND)["Location"] == FIRST
    assert client.post(SECOND, {"code": secret_of_another.code()})["Location"] == FIRST
    assert client.post(FIRST, {"code": "000000"}).status_code == 422
    used = codes[0]
    assert is_in_by(user, used)
    assert client.post(FIRST, {"code": used}).status_code == 422, "a recovery code holds once"
    assert client.get(SECOND)["Location"] == FIRST
    for path in (FIRST, SECOND):
        assert Client(headers=HOST).get(path)["Location"].startswith("/login/")
        assert after_password(user.email).get(path)["Location"].startswith("/login/")
    assert is_in_by(user, codes[1])
    assert phone.secret


def test_a_wrong_first_code_changes_nothing_and_the_same_secret_is_shown_again() -> None:
    user = make_staff()
    _, phone, codes = enrolled(user)
    client, new = begun(user, codes[1])
    reply = client.post(SECOND, {"code": "000000"})
    assert reply.status_code == 422
    assert secret_in(text(reply)) == new.secret
    assert is_in_by(user, codes[2])
    assert client.post(SECOND, {"code": phone.code()}).status_code == 422, "one of the former phone"
    assert client.post(SECOND, {"code": new.code()}).status_code == 200


def test_wrong_codes_are_throttled_in_both_steps() -> None:
    user = make_staff()
    _, phone, codes = enrolled(user)
    client, new = begun(user, codes[1])
    for path in (FIRST, SECOND, FIRST, SECOND, FIRST):
        assert client.post(path, {"code": "000000"}).status_code == 422
    for path, code in ((FIRST, phone.code()), (SECOND, new.code())):
        reply = client.post(path, {"code": code})
        assert reply.status_code == 429
        assert "Too many wrong codes" in text(reply)
    with enter_platform():
        assert Authenticator.objects.filter(user=user, type="totp").count() == 1


@pytest.mark.parametrize("ends", ["time", "another tab", "signed out everywhere", "reset by a colleague"])
def test_the_first_step_does_not_last(ends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_staff()
    _, _, codes = enrolled(user)
    client, new = begun(user, codes[1])
    code = new.code()
    match ends:
        case "time":
            later = replacing.time.time() + replacing.REPLACING_SECONDS + 1
            monkeypatch.setattr(replacing.time, "time", lambda: later)
        case "another tab":
            client.post(SECOND, {"code": code})
        case "signed out everywhere":
            client.post("/sign-in/everywhere/")
        case _:
            from openclaw_site.staff.authenticators import authenticator_reset

            with enter_platform():
                assert authenticator_reset(user=user)
    reply = client.post(SECOND, {"code": code})
    assert reply.status_code == 302
    assert reply["Location"].startswith((FIRST, "/login/"))


def test_the_new_secret_is_encrypted_where_it_waits() -> None:
    user = make_staff()
    _, _, codes = enrolled(user)
    _, new = begun(user, codes[1])
    with enter_platform():
        assert not any(new.secret in repr(session.get_decoded()) for session in Session.objects.all())
