"""A customer's Google account never signs anybody in, whoever tries, whatever address it has."""

import time
from typing import Any

import httpx
import pytest
from allauth.socialaccount.internal.statekit import STATES_SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from openclaw_site.aws import secrets
from tenants.isolation.context import enter_platform
from tenants.members.sessions import BACK_OFFICE
from tenants.models import Customer, User
from tests.factories import make_staff
from tests.gmail.visit import MAILBOX, NO_LOGINS, begin, consent, ending, get, link_of, rows_of_logins

pytestmark = pytest.mark.usefixtures("eager")


def signed_in_users() -> set[str]:
    """Who is signed in, in any session that there is."""
    with enter_platform():
        sessions = [session.get_decoded() for session in Session.objects.all()]
    return {session["_auth_user_id"] for session in sessions if "_auth_user_id" in session}


def asks_to_sign_in(client: Client) -> bool:
    reply = get(client, "/", host="admin.localhost")
    return reply.status_code == 302 and "/login/" in reply["Location"]


def test_google_account_with_the_address_of_staff_does_not_sign_in_as_staff(customer: Customer) -> None:
    make_staff(email=MAILBOX)
    client = Client()
    assert ending(client, consent(begin(client, link_of(customer)), MAILBOX)) == "connected"
    assert signed_in_users() == set()
    assert asks_to_sign_in(client)
    assert rows_of_logins() == NO_LOGINS


def test_consent_in_a_browser_of_staff_does_not_become_a_second_way_in(customer: Customer) -> None:
    staff, browser = make_staff(), Client()
    with enter_platform():
        browser.force_login(staff)
        session = browser.session
        session["member_place"] = BACK_OFFICE
        session.save()
    assert not asks_to_sign_in(browser)
    assert ending(browser, consent(begin(browser, link_of(customer, staff)), MAILBOX)) == "connected"
    assert rows_of_logins() == NO_LOGINS

    stranger = Client()
    assert ending(stranger, consent(begin(stranger, link_of(customer)), MAILBOX)) == "connected"
    assert signed_in_users() == {str(staff.pk)}, "staff stayed signed in, nobody else came"
    assert asks_to_sign_in(stranger)
    with enter_platform():
        assert list(User.objects.all()) == [staff]


@pytest.mark.parametrize("process", ["login", "connect", "redirect"])
def test_consent_without_an_intent_ends_in_a_message(customer: Customer, process: str) -> None:
    """The session's state is made to look as allauth's own login and connect flows would leave it."""
    staff, client = make_staff(email=MAILBOX), Client()
    address = begin(client, link_of(customer))
    with enter_platform():
        client.force_login(staff) if process == "connect" else None
        session: Any = client.session
        states = session.get(STATES_SESSION_KEY) or {}
        verifiers = [state["pkce_code_verifier"] for state, *_ in states.values()]
        state_id = httpx.URL(address).params["state"]
        forged = {"process": process, "data": None, "pkce_code_verifier": verifiers[0] if verifiers else None}
        session[STATES_SESSION_KEY] = {state_id: [forged, time.time(), "gmail"]}
        session.save()
    assert ending(client, consent(address, MAILBOX)) == "no-link"
    assert signed_in_users() <= ({str(staff.pk)} if process == "connect" else set())
    assert rows_of_logins() == NO_LOGINS
    assert secrets.find_secret(name=customer.secret_name) is None


@pytest.mark.parametrize("path", ["/accounts/gmail/login/", "/accounts/gmail/login/?process=connect"])
def test_plain_sign_in_address_only_says_that_there_is_none(path: str) -> None:
    client = Client()
    assert ending(client, path) == "no-link"
    posted = client.post(path, headers={"host": "localhost"})
    assert posted["Location"] == "/gmail/done/?result=no-link"


@pytest.mark.parametrize("path", ["/accounts/google/login/", "/accounts/login/", "/accounts/signup/"])
def test_there_is_no_other_way_into_allauth(path: str) -> None:
    assert get(Client(), path).status_code == 404
