"""From the customer's host to the sign-in on the public host and back, and every way in which that ends otherwise."""

import time
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from openclaw_site.celery import app
from tenants.isolation.context import enter_customer, enter_platform
from tenants.members.services import handover, member_remove
from tenants.models import Customer, HandOver, Membership, User
from tests.factories import PASSWORD, make_staff, make_user
from tests.portal.visitors import PUBLIC, Visitor, host_of, make_member, path_of, visitor_of


def token_for(customer: Customer, user: User, visitor: Visitor) -> str:
    """The address with which the public host sends this signed-in person back, not opened yet."""
    reply = visitor.open(f"http://{customer.host}/login/?next=/leads/")
    visitor.on(PUBLIC).post("/login/", {"username": user.email, "password": PASSWORD})
    return str(visitor.open(reply["Location"])["Location"])


def test_member_is_led_to_the_sign_in_and_back_to_the_page_that_was_wanted(customer: Customer) -> None:
    page, address = Visitor().sign_in(customer, make_member(customer).email, "/leads/?page=1")
    assert (page.status_code, host_of(address), path_of(address)) == (200, customer.host, "/leads/?page=1")
    assert "no-store" in page["Cache-Control"]


def test_cookies_are_of_one_host_only(customer: Customer) -> None:
    visitor = Visitor()
    visitor.sign_in(customer, make_member(customer).email)
    for client in visitor.clients.values():
        assert client.cookies["sessionid"]["domain"] == ""
        assert client.cookies["sessionid"]["httponly"]


def test_wrong_password_says_the_same_as_an_unknown_address(customer: Customer) -> None:
    user, texts = make_member(customer), []
    for email in (user.email, "nobody@example.com"):
        page, _ = Visitor().sign_in(customer, email, password="wrong")
        texts.append(page.content.decode())
        assert "do not belong together" in texts[-1]


def test_address_may_be_typed_in_capitals(customer: Customer) -> None:
    _, address = Visitor().sign_in(customer, make_member(customer).email.upper())
    assert host_of(address) == customer.host


def test_failed_attempts_are_throttled_and_right_ones_are_not_counted(customer: Customer) -> None:
    user, client = make_member(customer), Client(headers={"host": PUBLIC})
    for _ in range(7):
        assert client.post("/login/", {"username": user.email, "password": PASSWORD}).status_code == 302
        client.post("/logout/")
    for _ in range(5):
        client.post("/login/", {"username": user.email, "password": "wrong"})
    text = client.post("/login/", {"username": user.email, "password": PASSWORD}).content.decode()
    assert "Too many failed attempts" in text
    other = make_member(customer)
    assert client.post("/login/", {"username": other.email, "password": PASSWORD}).status_code == 302


def test_back_office_throttles_as_the_members_sign_in_does_and_both_count_together(customer: Customer) -> None:
    staff, back_office = make_staff(), Client(headers={"host": "admin.localhost"})
    public = Client(headers={"host": PUBLIC})

    def attempt(client: Client, password: str) -> Any:
        return client.post("/login/", {"username": staff.email.upper(), "password": password, "next": "/"})

    for _ in range(7):
        assert attempt(back_office, PASSWORD).status_code == 302, "right ones are not counted"
        back_office.post("/logout/")
    for _ in range(3):
        assert "Please enter the correct" in attempt(back_office, "wrong").content.decode()
    for _ in range(2):
        attempt(public, "wrong")
    assert "Too many failed attempts" in attempt(back_office, PASSWORD).content.decode()
    assert "Too many failed attempts" in attempt(public, PASSWORD).content.decode()


@pytest.mark.parametrize("path", ["/", "/messages/", "/leads/", "/drafts/", "/briefs/", "/profile/", "/activity/"])
def test_anonymous_visitors_are_led_to_the_sign_in(customer: Customer, path: str) -> None:
    page, address = Visitor().go(f"http://{customer.host}{path}")
    assert (page.status_code, host_of(address)) == (200, PUBLIC)
    assert "Sign in" in page.content.decode()


@pytest.mark.parametrize("who", ["another customer's member", "staff", "nobody's member"])
def test_whoever_is_no_member_is_told_so_and_stays_outside(customer: Customer, other: Customer, who: str) -> None:
    user = {"staff": make_staff, "nobody's member": make_user}.get(who, lambda: make_member(other))()
    visitor = Visitor()
    page, address = visitor.sign_in(customer, user.email)
    assert (page.status_code, host_of(address)) == (403, PUBLIC)
    text = page.content.decode()
    assert "You are not a member here" in text
    assert ("is staff of ours" in text) == (who == "staff")
    assert user.email in text
    assert "sessionid" not in visitor.on(customer.host).cookies


def test_removed_member_is_out_at_the_next_request(customer: Customer) -> None:
    user = make_member(customer)
    client = visitor_of(customer, user)
    with enter_platform():
        membership = Membership.objects.get(user=user)
        assert member_remove(customer=customer, membership_id=membership.id) == user.email
    assert client.get("/drafts/").status_code == 302
    page, _ = Visitor().sign_in(customer, user.email)
    assert page.status_code == 403
    assert "no longer does" in page.content.decode()


def test_deactivated_member_is_out_at_the_next_request(customer: Customer) -> None:
    user = make_member(customer)
    client = visitor_of(customer, user)
    with enter_platform():
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/drafts/").status_code == 302


def test_token_opens_once(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    address = token_for(customer, user, visitor)
    cookie = visitor.on(customer.host).cookies["handover"].value
    assert visitor.open(address)["Location"] == "/leads/"
    thief = Visitor()
    thief.on(customer.host).cookies["handover"] = cookie
    reply = thief.open(address)
    assert reply.status_code == 403
    assert "Sign in once more" in reply.content.decode()
    assert visitor.open(address)["Location"] == "/", "who is in stays in"


def test_token_is_worthless_in_another_browser(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    address = token_for(customer, user, visitor)
    assert Visitor().open(address).status_code == 403
    begun = Visitor()
    begun.open(f"http://{customer.host}/login/")
    assert begun.open(address).status_code == 403
    assert visitor.open(address).status_code == 302, "and nobody used it up"


def test_nobody_is_signed_in_by_a_link_that_another_person_made(customer: Customer) -> None:
    """Made for the browser without a cookie, which every stranger's is."""
    user = make_member(customer)
    token = handover.handover_issue(user=user, customer_id=customer.id, browser=handover.browser_hash(""), path="/")
    victim = Visitor()
    assert victim.open(f"http://{customer.host}/enter/?token={token}").status_code == 403
    victim.on(customer.host).cookies["handover"] = ""
    assert victim.open(f"http://{customer.host}/enter/?token={token}").status_code == 403


def test_two_tabs_can_begin_at_once(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    first = token_for(customer, user, visitor)
    second = token_for(customer, user, visitor)
    assert [visitor.open(address).status_code for address in (first, second)] == [302, 302]
    assert visitor.open(f"http://{customer.host}/drafts/").status_code == 200


def test_token_holds_thirty_seconds(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    user, visitor = make_member(customer), Visitor()
    address = token_for(customer, user, visitor)
    issued = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: issued + 31)
    assert visitor.open(address).status_code == 403
    monkeypatch.undo()
    with enter_platform():
        HandOver.objects.update(expires_at="2020-01-01T00:00Z")
    assert visitor.open(address).status_code == 403
    token_for(customer, user, visitor)
    with enter_platform():
        assert HandOver.objects.count() == 1, "the expired one went when the next one came"


def test_token_of_one_customer_opens_no_other(customer: Customer, other: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    with enter_platform():
        Membership.objects.create(tenant=other, user=user)
    address = token_for(customer, user, visitor)
    visitor.on(other.host).cookies["handover"] = visitor.on(customer.host).cookies["handover"].value
    assert visitor.open(address.replace(customer.host, other.host)).status_code == 403
    assert visitor.open(address).status_code == 302


@pytest.mark.parametrize("token", ["", "nonsense", signing.dumps({"handover": "0" * 32}, salt="another")])
def test_forged_token(customer: Customer, token: str) -> None:
    assert Visitor().open(f"http://{customer.host}/enter/?token={token}").status_code == 403


def test_token_of_somebody_who_was_removed_meanwhile(customer: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    address = token_for(customer, user, visitor)
    with enter_platform():
        Membership.objects.all().delete()
    reply = visitor.open(address)
    assert reply.status_code == 403
    assert "not a member" in reply.content.decode()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_nobody_is_led_to_another_site(customer: Customer, wanted: str) -> None:
    page, address = Visitor().sign_in(customer, make_member(customer).email, f"/login/?next={wanted}")
    assert (page.status_code, host_of(address), path_of(address)) == (200, customer.host, "/")


def test_hand_over_to_a_host_that_nobody_has(customer: Customer) -> None:
    visitor = Visitor()
    visitor.sign_in(customer, make_member(customer).email)
    assert visitor.open(f"http://{PUBLIC}/hand-over/?host=evil.example&browser=x").status_code == 404


def test_sessions_hold_only_where_they_were_made(customer: Customer, other: Customer) -> None:
    """Who belongs to both customers, and becomes staff, carries each cookie everywhere: only its own place opens."""
    user, visitor = make_member(customer), Visitor()
    with enter_platform():
        Membership.objects.create(tenant=other, user=user)
    visitor.sign_in(customer, user.email)
    hosts = {name: client.cookies["sessionid"].value for name, client in visitor.clients.items()}
    assert set(hosts) == {PUBLIC, customer.host}

    def carried(session: str, host: str) -> int:
        client = Client(headers={"host": host})
        client.cookies["sessionid"] = session
        return client.get("/").status_code

    assert carried(hosts[customer.host], customer.host) == 200
    for session in hosts.values():
        assert carried(session, other.host) == 302
    assert carried(hosts[PUBLIC], customer.host) == 302
    with enter_platform():
        User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    for session in hosts.values():
        assert carried(session, "admin.localhost") == 302
    assert carried(hosts[customer.host], customer.host) == 403


def test_signing_out_ends_both_sessions(customer: Customer) -> None:
    visitor = Visitor()
    visitor.sign_in(customer, make_member(customer).email)
    page, address = visitor.follow(visitor.on(customer.host).post("/logout/"), customer.host)
    assert (page.status_code, host_of(address)) == (200, PUBLIC)
    assert "You are signed out" in page.content.decode()
    page, address = visitor.go(f"http://{customer.host}/")
    assert host_of(address) == PUBLIC
    assert path_of(address).startswith("/login/")


def test_a_link_cannot_sign_anybody_out(customer: Customer) -> None:
    visitor = Visitor()
    visitor.sign_in(customer, make_member(customer).email)
    for address in ("/logout/", "/logout/?token=" + signing.dumps(0, salt="tenants.members.leave")):
        assert "Sign out?" in visitor.open(f"http://{PUBLIC}{address}").content.decode()
    assert visitor.open(f"http://{PUBLIC}/customers/").status_code == 302


def test_who_belongs_to_several_customers_chooses(customer: Customer, other: Customer) -> None:
    user, visitor = make_member(customer), Visitor()
    with enter_platform():
        Membership.objects.create(tenant=other, user=user)
    visitor.on(PUBLIC).post("/login/", {"username": user.email, "password": PASSWORD})
    text = visitor.open(f"http://{PUBLIC}/customers/").content.decode()
    for one in (customer, other):
        assert f"//{one.host}" in text
        page, address = visitor.go(f"http://{one.host}/")
        assert (page.status_code, host_of(address)) == (200, one.host)


def test_who_belongs_to_one_goes_straight_on_and_to_none_is_told_so(customer: Customer) -> None:
    visitor = Visitor()
    reply = visitor.on(PUBLIC).post("/login/", {"username": make_member(customer).email, "password": PASSWORD})
    page, address = visitor.follow(reply, PUBLIC)
    assert (page.status_code, host_of(address)) == (200, customer.host)
    stranger = Visitor()
    reply = stranger.on(PUBLIC).post("/login/", {"username": make_user().email, "password": PASSWORD})
    page, address = stranger.follow(reply, PUBLIC)
    assert "not a member of any company" in page.content.decode()


@pytest.mark.parametrize(
    ("state", "words"), [("pending", "is being set up"), ("provisioning", "is being set up"), ("offboarding", "closed")]
)
def test_customer_without_its_tables_says_so(customer: Customer, state: str, words: str) -> None:
    client = visitor_of(customer)
    with enter_platform():
        Customer.objects.filter(id=customer.id).update(state=state)
    text = client.get("/drafts/").content.decode()
    assert words in text


def test_form_without_csrf_token_changes_nothing(customer: Customer) -> None:
    visitor = Visitor()
    visitor.clients[customer.host] = Client(headers={"host": customer.host}, enforce_csrf_checks=True)
    visitor.sign_in(customer, make_member(customer).email)
    assert visitor.on(customer.host).post("/profile/", {"tone": "x", "facts": ""}).status_code == 403


def test_every_view_of_a_customers_host_is_closed_but_the_doors(customer: Customer) -> None:
    from django.urls import get_resolver

    resolver = get_resolver("openclaw_site.urls_tenant")
    opened = set()
    for pattern in (inner for outer in resolver.url_patterns for inner in outer.url_patterns):
        if not getattr(pattern.callback, "login_required", True):
            opened.add(pattern.name)
    assert opened == {"portal_begin", "portal_enter", "portal_leave"}


def test_of_many_who_enter_at_once_with_one_token_one_gets_in(customer: Customer) -> None:
    import threading

    from django.db import connections

    from tenants.members.errors import HandOverRefused

    user = make_member(customer)
    token = handover.handover_issue(user=user, customer_id=customer.id, browser=handover.browser_hash("b"), path="/")
    start, results = threading.Barrier(4), []

    def enter() -> None:
        start.wait()
        try:
            with enter_customer(customer.id):
                handover.handover_take(token=token, customer_id=customer.id, cookie="b")
            results.append("in")
        except HandOverRefused:
            results.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["in"] + ["refused"] * 3


def test_hand_over_shows_nothing_to_a_logger_of_addresses(customer: Customer) -> None:
    """The token's claims are ids and a path: neither an address nor a session stands in it."""
    user, visitor = make_member(customer), Visitor()
    token = httpx.URL(token_for(customer, user, visitor)).params["token"]
    claims: dict[str, Any] = signing.loads(token, salt="tenants.members.handover")
    assert set(claims) == {"handover", "customer", "path"}


def test_expired_sessions_go_every_day_and_the_others_stay(customer: Customer) -> None:
    client, gone = visitor_of(customer), visitor_of(customer)
    key = gone.cookies["sessionid"].value
    with enter_platform():
        Session.objects.filter(session_key=key).update(expire_date="2020-01-01T00:00Z")
    app.loader.import_default_modules()  # As a worker does.
    entry = app.conf.beat_schedule["clear-sessions"]
    for _ in range(2):
        app.tasks[entry["task"]].apply(throw=True)
    with enter_platform():
        assert not Session.objects.filter(session_key=key).exists()
    assert client.get("/").status_code == 200
