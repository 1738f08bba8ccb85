"""From the form to a customer with its owner, and what goes wrong on the way."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from billing.models import Plan
from tenants.isolation.context import enter_platform, enter_public
from tenants.models import Customer, Membership, Signup, User
from tenants.signup import tasks
from tests.factories import make_customer, make_staff, make_user
from tests.signup.newcomer import EMAIL, PASSWORD, Newcomer, link, signups


def owners() -> list[tuple[str, str, str]]:
    """Who belongs to which host, in which role."""
    with enter_platform():
        return list(Membership.objects.values_list("user__email", "tenant__slug", "role"))


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


def test_password_is_hashed_at_once_and_is_in_no_mail() -> None:
    Newcomer().signs_up()
    [signup] = signups()
    assert PASSWORD not in signup.password
    assert check_password(PASSWORD, signup.password)
    assert PASSWORD not in str(mail.outbox[0].message())


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


def test_of_two_who_want_one_subdomain_the_later_chooses_another() -> None:
    first, second = Newcomer(), Newcomer()
    first.signs_up()
    second.signs_up(email="jonas@fernweh-travel.example", company="Fernweh")
    second_link = link()
    first.confirms(link(0))
    second.confirms(second_link)
    assert "took this address" in second.text("/sign-up/progress/")
    again = second.client.post("/sign-up/progress/choose/", {"subdomain": "harborline", "plan": "team"})
    assert again.status_code == 422
    second.client.post("/sign-up/progress/choose/", {"subdomain": "fernweh", "plan": "team"})
    assert "steps are done" in second.text("/sign-up/progress/")
    assert sorted(slug for _, slug, _ in owners()) == ["fernweh", "harborline"]


def test_plan_that_is_no_longer_sold_is_refused_at_the_form_and_chosen_anew_later() -> None:
    with enter_platform():
        Plan.objects.create(code="weekend", name="Weekend", price_cents=100)
    try:
        visitor = Newcomer()
        visitor.signs_up(plan="weekend")
        with enter_platform():
            Plan.objects.filter(code="weekend").update(is_active=False)
        assert "not sold any more" in Newcomer().signs_up(plan="weekend").content.decode()
        visitor.confirms()
        assert "not sold any more" in visitor.text("/sign-up/progress/")
        visitor.client.post("/sign-up/progress/choose/", {"subdomain": "harborline", "plan": "team"})
        with enter_platform():
            assert Customer.objects.get().plan == "team"
    finally:
        with enter_platform():
            Plan.objects.filter(code="weekend").delete()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "admin",
            "www",
            "openclaw",
            "0penclaw",
            "adrnin",
            "open-claw",
            "xn--80ak6aa92e",
            "ac me",
            "-acme",
            "acm\u00e9",
        ),
        "\u0430cme",  # begins with a Cyrillic letter
        "\uff41cme",  # with a full-width one
        "ac\u200bme",  # holds a space of no width
    ],
)
def test_reserved_and_lookalike_subdomains_are_refused_live_and_at_the_form(name: str) -> None:
    visitor = Newcomer()
    live = visitor.client.get("/sign-up/subdomain/", {"subdomain": name}).content.decode()
    assert "error" in live
    assert "is free" not in live
    assert visitor.signs_up(subdomain=name).status_code == 422
    assert signups() == []


@pytest.mark.parametrize("state", ["active", "closed"])
def test_taken_subdomain_is_refused_live_and_at_the_form_also_after_its_customer_left(state: str) -> None:
    customer, visitor = make_customer(slug="acme", state=state), Newcomer()
    if state == "closed":
        with enter_platform():
            customer.domains.all().delete()
    assert "has this address" in visitor.text("/sign-up/subdomain/?subdomain=ACME")
    assert "is free" in visitor.text("/sign-up/subdomain/?subdomain=acme-2")
    assert visitor.signs_up(subdomain="acme").status_code == 422


def test_weak_password_is_refused_with_the_reason() -> None:
    text = Newcomer().signs_up(password="password").content.decode()
    assert "too common" in text
    assert "too similar" in Newcomer().signs_up(password="olivia@harborline").content.decode()


def test_plan_of_the_address_is_chosen_already() -> None:
    text = Newcomer().text("/sign-up/?plan=starter")
    assert 'value="starter" id="id_plan_0" required checked' in text.replace("  ", " ") or "checked" in text


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


def test_mail_can_be_had_once_more_with_the_same_link() -> None:
    visitor = Newcomer()
    visitor.signs_up()
    visitor.client.post("/sign-up/sent/again/")
    assert link(0) == link(1)


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


def test_prices_are_those_of_the_plans_that_are_sold() -> None:
    text = Newcomer().text("/prices/")
    for words in ("Starter", "$199.00", "?plan=starter", "$1,200.00", "days to try it, without a card"):
        assert words in text
    with enter_platform():
        Plan.objects.filter(code="starter").update(is_active=False, currency="JPY")
        Plan.objects.filter(code="team").update(currency="JPY", price_cents=50_000)
    try:
        text = Newcomer().text("/prices/")
        assert "?plan=starter" not in text
        assert "¥50,000" in text, "a yen has no smaller unit"
    finally:
        with enter_platform():
            Plan.objects.filter(code__in=["starter", "team"]).update(is_active=True, currency="USD")
    assert "Three agents for your inbox" in Newcomer().text("/")
