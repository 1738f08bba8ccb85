"""From the form to a customer with its owner, who is signed in where the steps are shown."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import connections
from django.utils import timezone

from tenants.isolation.context import enter_customer, enter_platform, enter_public
from tenants.members.services import account_close
from tenants.models import Customer, Membership, Signup, User
from tenants.signup import tasks
from tests.signup.newcomer import EMAIL, PASSWORD, Newcomer, owners, signups


def test_company_signs_up_confirms_and_is_signed_in_where_its_steps_are_shown() -> None:
    visitor = Newcomer()
    assert visitor.signs_up(email=f" {EMAIL.upper()} ")["Location"] == "/sign-up/sent/"
    assert EMAIL in visitor.text("/sign-up/sent/")
    [letter] = mail.outbox
    assert letter.to == [EMAIL]
    assert owners() == []
    assert visitor.confirms()["Location"] == "/sign-up/progress/"
    page = visitor.text("/sign-up/progress/")
    assert "0 of 7 steps are done" in page
    assert "Connect Gmail" in page
    assert owners() == [(EMAIL, "harborline", "owner")]
    assert "//harborline.localhost" in visitor.get("/customers/")["Location"], "signed in"
    [signup] = signups()
    assert signup.password == ""
    assert None not in (signup.mailed_at, signup.confirmed_at, signup.made_at, signup.signed_in_at)
    with enter_platform():
        user = User.objects.get()
        assert user.first_name == "Olivia Brandt"
        assert check_password(PASSWORD, user.password)
        assert Customer.objects.values_list("name", "email", "plan").get() == ("Harborline Roofing", EMAIL, "team")


def test_connect_gmail_leads_to_the_consent_for_this_mailbox_and_only_for_the_owner() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    visitor.confirms()
    visitor.get("/sign-up/progress/")
    address = visitor.client.post("/sign-up/progress/connect/")["Location"]
    assert EMAIL in visitor.text(address.partition("localhost")[2].partition("/")[2].join(["/", ""]))
    visitor.client.post("/logout/")
    assert visitor.client.post("/sign-up/progress/connect/")["Location"] in ("/sign-up/", "/sign-up/progress/")


def test_owner_who_closes_before_gmail_is_connected_reads_so_and_can_connect_it_no_more() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    visitor.confirms()
    visitor.get("/sign-up/progress/")
    link = visitor.client.post("/sign-up/progress/connect/")["Location"].partition("localhost")[2].partition("/")[2]
    with enter_platform():
        actor = Membership.objects.select_related("tenant", "user").get()
    with enter_customer(actor.tenant_id):
        assert account_close(actor=actor, typed="harborline")
    assert "is being closed" in visitor.text("/sign-up/progress/")
    assert "Connect Gmail</button>" not in visitor.text("/sign-up/progress/")
    assert visitor.client.post("/sign-up/progress/connect/")["Location"] == "/sign-up/progress/"
    assert visitor.get(f"/{link}")["Location"] == "/gmail/done/?result=closed"
    assert Newcomer().signs_up(email="else@example.com").status_code == 422, "its name stays its own"


def test_password_is_hashed_at_once_and_is_in_no_mail() -> None:
    Newcomer().signs_up()
    [signup] = signups()
    assert PASSWORD not in signup.password
    assert check_password(PASSWORD, signup.password)
    assert PASSWORD not in str(mail.outbox[0].message())


def test_form_sent_twice_is_one_sign_up_and_a_corrected_one_is_another() -> None:
    visitor = Newcomer()
    form = visitor.form()
    for _ in range(2):
        assert visitor.send(form).status_code == 302
    assert len(signups()) == 1
    visitor.send({**form, "email": "olivia@example.com"})
    assert [signup.email for signup in signups()] == [EMAIL, "olivia@example.com"]


def test_button_pressed_twice_and_a_job_that_runs_twice_make_one_customer() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    for _ in range(2):
        assert visitor.confirms()["Location"] == "/sign-up/progress/"
    for _ in range(2):
        tasks.signup_make(str(signups()[0].id))
    assert len(owners()) == 1


def test_jobs_that_run_at_once_make_one_customer() -> None:
    Newcomer().signs_up()
    [signup] = signups()
    with enter_platform():
        Signup.objects.update(state="confirmed", confirmed_at=timezone.now())
    start = threading.Barrier(3)

    def make() -> None:
        start.wait()
        try:
            tasks.signup_make(str(signup.id))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert owners() == [(EMAIL, "harborline", "owner")]


def test_weak_password_is_refused_with_the_reason() -> None:
    text = Newcomer().signs_up(password="password").content.decode()
    assert "too common" in text
    assert "too similar" in Newcomer().signs_up(password="olivia@harborline").content.decode()


def test_another_browser_sees_nothing_of_a_sign_up() -> None:
    Newcomer().signs_up()
    other = Newcomer()
    for path in ("/sign-up/sent/", "/sign-up/progress/"):
        assert other.get(path)["Location"] == "/sign-up/"
    assert other.get("/sign-up/progress/steps/").content == b""


def test_live_part_is_sent_again_only_when_something_changed() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    visitor.confirms()
    text = visitor.text("/sign-up/progress/")
    seen = text.partition("?seen=")[2][:16]
    assert visitor.get(f"/sign-up/progress/steps/?seen={seen}").status_code == 204
    with enter_platform():
        Customer.objects.update(state="active")
    assert "is ready" in visitor.text(f"/sign-up/progress/steps/?seen={seen}")


def test_session_that_stays_signs_nobody_in_again() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    visitor.confirms()
    with enter_platform():
        Signup.objects.update(made_at=timezone.now() - timedelta(hours=2))
    visitor.get("/sign-up/progress/")
    assert "/login/" in visitor.get("/customers/")["Location"]


def test_public_host_may_write_no_more_of_a_sign_up_than_its_pages_need() -> None:
    from django.db import ProgrammingError

    Newcomer().signs_up()
    for column in ("email", "password", "customer_id", "user_id", "made_at", "expires_at"):
        with enter_public(), pytest.raises(ProgrammingError, match="permission denied"):
            Signup.objects.update(**{column: None})
    with enter_public(), pytest.raises(ProgrammingError, match="permission denied"):
        Signup.objects.all().delete()
    with enter_public(), pytest.raises(ProgrammingError, match="permission denied"):
        list(Customer.objects.all())
