"""The second step of staff's sign-in: a code of an authenticator, or a recovery code, and nothing opens without."""

import io
import re
import threading
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from openclaw_site.demo.phone import Phone, code_of, recovery_codes_in, secret_in
from openclaw_site.staff import pending
from openclaw_site.staff.codes import code_check
from tenants.isolation.context import enter_platform
from tenants.models import User
from tests.admin.clients import HOST, PHONES, signed_in, staff_with
from tests.factories import PASSWORD, make_staff, make_user

pytestmark = pytest.mark.usefixtures("database", "eager")
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def after_password(email: str, **extra: Any) -> Client:
    """A browser whose person gave the password and no code."""
    client = Client(headers=HOST, **extra)
    assert client.post("/login/", {"username": email, "password": PASSWORD})["Location"] == "/login/code/"
    return client


def enrolled(user: User) -> tuple[Client, Phone, list[str]]:
    """Signed in for the first time; the phone, and the recovery codes that were shown."""
    client = after_password(user.email)
    phone = Phone(secret_in(client.get("/login/enrol/").content.decode()))
    page = client.post("/login/enrol/", {"code": phone.code()})
    return client, phone, recovery_codes_in(page.content.decode())


def is_in(client: Client) -> bool:
    return bool(client.get("/").status_code == 200)


def row_of(user: User, kind: str = "totp") -> Authenticator:
    with enter_platform():
        return Authenticator.objects.get(user=user, type=kind)


@pytest.mark.parametrize("has_authenticator", [False, True])
def test_a_password_alone_opens_nothing(has_authenticator: bool) -> None:
    user = make_staff()
    if has_authenticator:
        enrolled(user)
    client = after_password(user.email)
    for path in ("/", "/tenants/customer/", "/sign-in/", "/password_change/", "/search/", "/jsi18n/", "/hand-over/"):
        reply = client.get(path)
        assert (reply.status_code, reply["Location"].startswith("/login/")) == (302, True), path
    assert client.post("/fleet/pause/", {"reason": "x"})["Location"].startswith("/login/")
    wanted, other = ("code", "enrol") if has_authenticator else ("enrol", "code")
    assert client.get(f"/login/{wanted}/").status_code == 200
    assert client.get(f"/login/{other}/")["Location"] == f"/login/{wanted}/"


def test_first_sign_in_sets_up_an_authenticator_and_shows_recovery_codes_once() -> None:
    user = make_staff()
    client = after_password(user.email)
    page = client.get("/login/enrol/")
    text = page.content.decode()
    assert "<svg" in text
    assert "no-store" in page["Cache-Control"]
    assert secret_in(client.get("/login/enrol/").content.decode()) == secret_in(text), "the same when it is reloaded"
    assert client.post("/login/enrol/", {"code": "000000"}).status_code == 422
    assert not is_in(client)
    shown = client.post("/login/enrol/", {"code": Phone(secret_in(text)).code()})
    codes = recovery_codes_in(shown.content.decode())
    assert (len(codes), len(set(codes))) == (10, 10)
    assert is_in(client)
    for path in ("/", "/sign-in/", f"/tenants/user/{user.pk}/change/", f"/tenants/user/{user.pk}/sign-in/"):
        again = client.get(path).content.decode()
        assert not any(code in again for code in codes), path
    assert client.get("/login/enrol/").status_code == 302
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([user.email], "You have a new authenticator")


def test_the_code_is_asked_for_at_each_sign_in_and_leads_to_the_page_that_was_wanted() -> None:
    user = make_staff()
    _, phone, _ = enrolled(user)
    client = Client(headers=HOST)
    assert client.get("/tenants/customer/?q=x")["Location"] == "/login/?next=/tenants/customer/%3Fq%3Dx"
    client.post("/login/?next=/tenants/customer/%3Fq%3Dx", {"username": user.email, "password": PASSWORD})
    assert client.post("/login/code/", {"code": phone.code()})["Location"] == "/tenants/customer/?q=x"
    assert is_in(client)
    assert client.get("/login/?next=/login/")["Location"] == "/"
    hostile = Client(headers=HOST)
    hostile.post("/login/?next=https://evil.example/", {"username": user.email, "password": PASSWORD})
    with enter_platform():
        assert hostile.session["staff_pending"]["path"] == "/"


def test_a_code_holds_once() -> None:
    user = make_staff()
    _, phone, _ = enrolled(user)
    code = phone.code()
    assert after_password(user.email).post("/login/code/", {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    thief = after_password(user.email)
    reply = thief.post("/login/code/", {"code": code})
    assert reply.status_code == 422
    assert "used already" in reply.content.decode()
    old = code_of(phone.secret, int(time.time()) // 30 - 3)
    assert thief.post("/login/code/", {"code": old}).status_code == 422
    assert not is_in(thief)


def test_a_recovery_code_holds_once_also_for_two_at_once() -> None:
    user = make_staff()
    _, _, codes = enrolled(user)
    assert is_in_by(user, codes[0])
    assert not is_in_by(user, codes[0])
    results: list[bool] = []
    barrier = threading.Barrier(4)

    def use() -> None:
        barrier.wait()
        try:
            with enter_platform():
                results.append(code_check(user=user, code=codes[1]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]


def is_in_by(user: User, code: str) -> bool:
    client = after_password(user.email)
    client.post("/login/code/", {"code": code})
    return is_in(client)


def test_few_recovery_codes_are_spoken_of_and_new_ones_end_the_former() -> None:
    user = make_staff()
    client, phone, codes = enrolled(user)
    for code in codes[:7]:
        browser = after_password(user.email)
        browser.post("/login/code/", {"code": code})
    assert "You have 3 recovery codes left" in browser.get("/").content.decode()
    assert client.post("/sign-in/", {"code": "1"}).status_code == 422
    renewed = recovery_codes_in(client.post("/sign-in/", {"code": phone.code()}).content.decode())
    assert len(renewed) == 10
    assert not is_in_by(user, codes[8])
    assert is_in_by(user, renewed[0])


def test_wrong_codes_are_throttled_by_person() -> None:
    user, colleague = make_staff(), make_staff()
    _, phone, _ = enrolled(user)
    enrolled(colleague)
    for _ in range(5):
        assert after_password(user.email).post("/login/code/", {"code": "000000"}).status_code == 422
    client = after_password(user.email, **ELSEWHERE)
    reply = client.post("/login/code/", {"code": phone.code()})
    assert reply.status_code == 429
    assert "Too many wrong codes" in reply.content.decode()
    assert not is_in(client)
    other = after_password(colleague.email)
    assert other.post("/login/code/", {"code": "000000"}).status_code == 422, "nobody else is held up"


def test_wrong_codes_and_passwords_are_throttled_by_address() -> None:
    user = make_staff()
    _, _, codes = enrolled(user)
    for number in range(6):
        Client(headers=HOST).post("/login/", {"username": f"guess{number}@example.com", "password": "x"})
    colleagues = [make_staff() for _ in range(4)]
    for colleague in colleagues:
        with enter_platform():
            Authenticator.objects.create(user=colleague, type="totp", data=row_of(user).data)
        assert after_password_again(colleague.email).post("/login/code/", {"code": "000000"}).status_code == 422
    page = Client(headers=HOST).post("/login/", {"username": user.email, "password": PASSWORD})
    assert "Too many failed attempts" in page.content.decode()
    client = after_password(user.email, **ELSEWHERE)
    assert client.post("/login/code/", {"code": codes[0]}).status_code == 302


def after_password_again(email: str) -> Client:
    """As `after_password`; the password from another address, the code from this one."""
    client = after_password(email, **ELSEWHERE)
    client.defaults.pop("REMOTE_ADDR")
    return client


def test_right_codes_are_not_counted() -> None:
    user = make_staff()
    _, _, codes = enrolled(user)
    assert all(is_in_by(user, code) for code in codes[:8])


def test_secrets_are_encrypted_at_rest_also_while_they_are_set_up() -> None:
    user = make_staff()
    client = after_password(user.email)
    secret = secret_in(client.get("/login/enrol/").content.decode())
    with enter_platform():
        sessions = [repr(session.get_decoded()) for session in Session.objects.all()]
    assert not any(secret in session for session in sessions)
    codes = recovery_codes_in(client.post("/login/enrol/", {"code": Phone(secret).code()}).content.decode())
    stored = repr(row_of(user).data) + repr(row_of(user, "recovery_codes").data)
    assert not any(word in stored for word in [secret, *codes])
    assert row_of(user).data["secret"].startswith("gAAAA")


def test_a_new_key_takes_over_at_the_next_sign_in(settings: Any) -> None:
    user = make_staff()
    _, phone, codes = enrolled(user)
    former, new = settings.FIELD_KEY, Fernet.generate_key().decode()
    settings.FIELD_KEY = f"{new},{former}"
    assert is_in_by(user, phone.code())
    settings.FIELD_KEY = new
    assert is_in_by(user, codes[1])
    settings.FIELD_KEY = Fernet.generate_key().decode()
    reply = after_password(user.email).post("/login/code/", {"code": codes[2]})
    assert reply.status_code == 422
    assert "Ask a colleague to reset your authenticator" in reply.content.decode()


@pytest.mark.parametrize("change", ["time", "password", "inactive", "no staff", "signed out everywhere"])
def test_the_first_step_does_not_last(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_staff()
    _, phone, _ = enrolled(user)
    client = after_password(user.email)
    with enter_platform():
        match change:
            case "time":
                later = time.time() + pending.PENDING_SECONDS + 1
                monkeypatch.setattr(pending.time, "time", lambda: later)
            case "password":
                user.set_password("another one")
                user.save()
            case "inactive":
                User.objects.filter(pk=user.pk).update(is_active=False)
            case "no staff":
                User.objects.filter(pk=user.pk).update(is_staff=False)
            case _:
                User.objects.filter(pk=user.pk).update(session_epoch=7)
    reply = client.post("/login/code/", {"code": phone.code()})
    assert (reply.status_code, reply["Location"]) == (302, "/login/")
    assert not is_in(client)


def test_the_code_page_is_nothing_to_a_stranger_or_a_member() -> None:
    for path in ("/login/code/", "/login/enrol/"):
        assert Client(headers=HOST).get(path)["Location"] == "/login/"
    client = Client(headers=HOST)
    client.post("/login/", {"username": make_user().email, "password": PASSWORD})
    assert client.get("/login/enrol/")["Location"] == "/login/"


def test_a_colleague_resets_a_lost_authenticator_and_it_is_logged() -> None:
    user, boss = make_staff(is_superuser=False), make_staff()
    lost, phone, codes = enrolled(user)
    mail.outbox.clear()
    client = signed_in(boss.email)
    address = f"/tenants/user/{user.pk}/sign-in/"
    assert "10 recovery codes" in client.get(address).content.decode()
    mail.outbox.clear()
    client.post(address, {"reset": "1"})
    assert not is_in(lost), "signed out"
    browser = after_password(user.email)
    assert browser.get("/login/code/")["Location"] == "/login/enrol/"
    assert not is_in_by(user, codes[0])
    assert not is_in_by(user, phone.code())
    with enter_platform():
        entry = LogEntry.objects.filter(object_id=str(user.pk), user=boss).get()
    assert entry.change_message == "Reset the authenticator and signed out everywhere."
    assert "Reset the authenticator" in client.get(f"/tenants/user/{user.pk}/history/").content.decode()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([user.email], "Your authenticator was reset")
    client.post(address, {"reset": "1"})
    assert "has no authenticator" in client.get(address).content.decode()


def test_who_may_reset_whom() -> None:
    user, boss = make_staff(is_superuser=False), make_staff()
    enrolled(user)
    enrolled(boss)

    def reset(client: Client, whom: User) -> int:
        return client.post(f"/tenants/user/{whom.pk}/sign-in/", {"reset": "1"}).status_code

    helper = staff_with("view_user", "delete_authenticator")
    assert reset(staff_with("view_user", "change_user"), user) == 403
    assert reset(helper, boss) == 403, "not a superuser's, whose rights one would get"
    assert reset(signed_in_again(boss), boss) == 403, "not one's own"
    assert reset(helper, user) == 302
    with enter_platform():
        assert set(Authenticator.objects.filter(user__in=[user, boss], type="totp").values_list("user", flat=True)) == {
            boss.pk
        }


def signed_in_again(user: User) -> Client:
    """With a recovery code made just now, so that the test need not wait for the next code."""
    with enter_platform():
        code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    client = after_password(user.email)
    client.post("/login/code/", {"code": code})
    return client


def test_an_operator_resets_by_a_command() -> None:
    user, out = make_staff(), io.StringIO()
    client, _, _ = enrolled(user)
    call_command("staff_reset", user.email.upper(), stdout=out)
    assert "sets up a new authenticator" in out.getvalue()
    assert not is_in(client)
    call_command("staff_reset", user.email, stdout=out)
    assert "has no authenticator" in out.getvalue()
    with pytest.raises(CommandError, match="Nobody of the staff"):
        call_command("staff_reset", make_user().email)


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    _, phone, codes = enrolled(make_staff())
    assert not re.search("|".join([phone.secret, *codes, PASSWORD]), caplog.text)


def test_the_helper_of_the_tests_goes_the_same_way() -> None:
    user = make_staff()
    assert is_in(signed_in(user.email))
    assert is_in(signed_in(user.email))
    assert PHONES[user.email].secret
