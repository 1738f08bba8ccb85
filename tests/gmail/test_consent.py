"""Connecting Gmail over HTTP, with the embedded Google: the good way, and every way in which it ends otherwise."""

import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core import signing
from django.db import connections
from django.test import Client
from django.utils import timezone

from openclaw_site.aws import secrets
from openclaw_site.devstack.google import Google
from tenants.gmail.outcomes import MESSAGES, ConsentRefused, Outcome
from tenants.gmail.services import Consent, consent_accept
from tenants.isolation.context import enter_platform
from tenants.models import Customer, CustomerState, GmailIntent, GmailState, Provisioning, StepState
from tenants.services import customer_onboard
from tests.factories import make_customer, make_staff
from tests.gmail.visit import (
    GMAIL_SCOPE,
    MAILBOX,
    OTHER_CUSTOMERS_MAILBOX,
    STRANGER,
    begin,
    connected,
    connection_of,
    consent,
    ending,
    get,
    link_of,
    outbox_rows,
)

pytestmark = pytest.mark.usefixtures("eager")
CALLBACK = "/accounts/gmail/login/callback/"


def test_consent_stores_the_token_in_secrets_manager_and_nowhere_else(customer: Customer, settings: Any) -> None:
    client, staff = Client(), make_staff()
    assert ending(client, consent(begin(client, link_of(customer, staff)), MAILBOX)) == "connected"

    value = secrets.get_secret(name=customer.secret_name)
    assert value.pop("refresh_token")
    assert value == {
        "access_token": "",
        "token_uri": settings.GOOGLE_TOKEN_URL,
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
        "scopes": [GMAIL_SCOPE],
    }
    info = secrets.find_secret(name=customer.secret_name)
    assert info is not None
    assert info.tags["TenantID"] == customer.tenant_hex
    connection = connection_of(customer)
    assert (connection.state, connection.google_email) == (GmailState.CONNECTED, MAILBOX)
    assert connection.connected_by_id == staff.id
    assert GMAIL_SCOPE in connection.scopes
    assert outbox_rows() == []


def test_page_before_google_says_whose_mailbox_and_what_for(customer: Customer) -> None:
    text = get(Client(), link_of(customer)).content.decode()
    assert "Harborline Roofing" in text
    assert MAILBOX in text
    assert "cannot send, change or delete" in text
    assert customer.slug not in text
    assert customer.id.hex not in text.replace(httpx.URL(link_of(customer)).params["intent"], "")


def test_google_is_asked_for_lasting_read_only_access_with_pkce(customer: Customer, settings: Any) -> None:
    asked = httpx.URL(begin(Client(), link_of(customer))).params
    assert set(asked["scope"].split()) == {"openid", "email", GMAIL_SCOPE}
    assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
    assert asked["code_challenge_method"] == "S256"
    assert asked["login_hint"] == MAILBOX
    assert asked["redirect_uri"] == f"{settings.PUBLIC_BASE_URL}{CALLBACK}"
    assert "intent" not in asked


def test_onboarding_goes_on_by_itself_after_the_consent(settings: Any) -> None:
    settings.PROVISIONING_STEPS = ["tenants.onboarding.steps.gmail_secret.GmailSecretStep"]
    with enter_platform():
        customer = customer_onboard(
            name="Harborline", email=MAILBOX, slug="harborline", plan="team", region=settings.CUSTOMER_REGIONS[0]
        )
        customer.refresh_from_db()
        assert customer.state == CustomerState.AWAITING_GMAIL
    assert connected(customer) == "connected"
    with enter_platform():
        customer.refresh_from_db()
        assert customer.state == CustomerState.ACTIVE
        assert Provisioning.objects.get().steps.get().state == StepState.DONE


def test_wrong_account_is_given_back_and_can_be_corrected_with_the_same_link(
    customer: Customer, google: Google
) -> None:
    client = Client()
    assert ending(client, consent(begin(client, link_of(customer)), STRANGER)) == "wrong-account"
    assert secrets.find_secret(name=customer.secret_name) is None
    assert google.withdraw(STRANGER) == 0, "Google holds no grant of that account"
    connection = connection_of(customer)
    assert connection.state == GmailState.NOT_CONNECTED
    assert "another Google account".lower() in connection.error.lower()

    page = get(client, "/gmail/done/?result=wrong-account").content.decode()
    assert MAILBOX in page
    again = page.split('class="button" href="')[1].split('"')[0]
    assert ending(client, consent(begin(client, again), MAILBOX)) == "connected"
    assert connection_of(customer).error == ""


def test_wrong_account_of_another_customer_keeps_that_customers_permission(customer: Customer, google: Google) -> None:
    other = make_customer(email=OTHER_CUSTOMERS_MAILBOX)
    assert connected(other) == "connected"
    assert connected(customer, OTHER_CUSTOMERS_MAILBOX) == "wrong-account"
    token = secrets.get_secret(name=other.secret_name)["refresh_token"]
    assert google.grants.refreshable(token) is not None


def test_address_of_the_account_may_differ_in_case() -> None:
    customer = make_customer(email="Olivia@Harborline-Roofing.example")
    assert connected(customer, MAILBOX) == "connected"


def test_refused_consent(customer: Customer) -> None:
    client = Client()
    state = httpx.URL(begin(client, link_of(customer))).params["state"]
    assert ending(client, f"{CALLBACK}?error=access_denied&state={state}") == "refused"
    assert "did not give permission" in connection_of(customer).error


def test_missing_scope(customer: Customer, google: Google) -> None:
    client = Client()
    callback = consent(begin(client, link_of(customer)), MAILBOX, withhold=GMAIL_SCOPE)
    assert ending(client, callback) == "scope-missing"
    assert secrets.find_secret(name=customer.secret_name) is None
    assert google.withdraw(MAILBOX) == 0


def test_permission_that_does_not_last(customer: Customer) -> None:
    client = Client()
    address = httpx.URL(begin(client, link_of(customer))).copy_remove_param("access_type")
    assert ending(client, consent(str(address.copy_set_param("access_type", "online")), MAILBOX)) == "no-refresh-token"


def test_replayed_callback(customer: Customer) -> None:
    client = Client()
    callback = consent(begin(client, link_of(customer)), MAILBOX)
    assert ending(client, callback) == "connected"
    assert ending(client, callback) == "session-lost"


def test_used_link(customer: Customer) -> None:
    client, link = Client(), link_of(customer)
    ending(client, consent(begin(client, link), MAILBOX))
    assert ending(client, link) == "used"


def test_one_link_in_two_browsers_connects_once(customer: Customer, google: Google) -> None:
    first, second, link = Client(), Client(), link_of(customer)
    one, two = begin(first, link), begin(second, link)
    assert ending(first, consent(one, MAILBOX)) == "connected"
    token = secrets.get_secret(name=customer.secret_name)["refresh_token"]
    assert ending(second, consent(two, MAILBOX)) == "used"
    assert secrets.get_secret(name=customer.secret_name)["refresh_token"] == token
    assert google.grants.refreshable(token) is not None


def test_of_many_at_once_with_one_intent_one_is_taken(customer: Customer) -> None:
    intent = httpx.URL(link_of(customer)).params["intent"]
    start, ends = threading.Barrier(4), []

    def accept(number: int) -> None:
        start.wait()
        try:
            consent_accept(
                intent_token=intent,
                consent=Consent(MAILBOX, True, frozenset([GMAIL_SCOPE]), f"refresh-{number}"),
            )
            ends.append(Outcome.CONNECTED)
        except ConsentRefused as refused:
            ends.append(refused.outcome)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == [Outcome.CONNECTED] + [Outcome.REPLAYED] * 3


def test_expired_link_before_and_during_the_consent(customer: Customer) -> None:
    client, link = Client(), link_of(customer)
    address = begin(client, link)
    with enter_platform():
        GmailIntent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ending(client, link) == "expired"
    assert ending(client, consent(address, MAILBOX)) == "expired"


@pytest.mark.parametrize("token", ["", "nonsense", "eyJpbnRlbnQiOiJ4In0:1abc:def"])
def test_forged_link(token: str) -> None:
    assert ending(Client(), f"/gmail/connect/?intent={token}") == "forged"


def test_link_signed_for_something_else_is_forged(customer: Customer) -> None:
    link_of(customer)
    with enter_platform():
        intent = GmailIntent.objects.get()
    claims = {"intent": intent.id.hex, "customer": customer.id.hex}
    assert ending(Client(), f"/gmail/connect/?intent={signing.dumps(claims, salt='another')}") == "forged"


def test_intent_of_one_customer_opens_no_other(customer: Customer) -> None:
    link_of(customer)
    with enter_platform():
        intent = GmailIntent.objects.get()
    claims = {"intent": intent.id.hex, "customer": make_customer().id.hex}
    token = signing.dumps(claims, salt="tenants.gmail.intent")
    assert ending(Client(), f"/gmail/connect/?intent={token}") == "forged"


def test_lost_session(customer: Customer) -> None:
    callback = consent(begin(Client(), link_of(customer)), MAILBOX)
    assert ending(Client(), callback) == "session-lost"
    assert ending(Client(), CALLBACK) == "session-lost"


@pytest.mark.parametrize("state", [CustomerState.OFFBOARDING, CustomerState.CLOSED])
def test_customer_that_is_leaving(customer: Customer, google: Google, state: CustomerState) -> None:
    client, link = Client(), link_of(customer)
    address = begin(client, link)
    with enter_platform():
        Customer.objects.update(state=state)
    assert ending(client, link) == "closed"
    assert ending(client, consent(address, MAILBOX)) == "closed"
    assert google.withdraw(MAILBOX) == 0


@pytest.mark.parametrize("setting", ["GOOGLE_TOKEN_URL", "GOOGLE_USERINFO_URL"])
def test_google_unreachable(customer: Customer, settings: Any, setting: str) -> None:
    client = Client()
    callback = consent(begin(client, link_of(customer)), MAILBOX)
    setattr(settings, setting, "http://127.0.0.1:9/")
    assert ending(client, callback) == "google-unreachable"
    assert outbox_rows() == []


def test_google_does_not_accept_the_exchange(customer: Customer, caplog: pytest.LogCaptureFixture) -> None:
    client = Client()
    state = httpx.URL(begin(client, link_of(customer))).params["state"]
    assert ending(client, f"{CALLBACK}?code=made-up-code&state={state}") == "google-error"
    assert "invalid_grant" in caplog.text, "operators see Google's code word"
    assert "made-up-code" not in caplog.text


def test_form_without_cookies_says_what_to_do(customer: Customer) -> None:
    client = Client(enforce_csrf_checks=True)
    intent = httpx.URL(link_of(customer)).params["intent"]
    reply = client.post("/gmail/connect/", {"intent": intent}, headers={"host": "localhost"})
    assert reply.status_code == 403
    assert "Allow cookies" in reply.content.decode()


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != Outcome.CONNECTED])
def test_each_message_says_what_happened_and_what_to_do(outcome: Outcome) -> None:
    reply = get(Client(), f"/gmail/done/?result={outcome.value}")
    assert reply.status_code == MESSAGES[outcome].status >= 400
    text = reply.content.decode()
    assert MESSAGES[outcome].title in text
    assert "What to do:" in text


def test_unknown_code_is_an_error_page_not_a_crash() -> None:
    assert get(Client(), "/gmail/done/?result=<script>").status_code == 502


@pytest.mark.parametrize("path", ["/gmail/connect/", "/gmail/done/", CALLBACK])
@pytest.mark.parametrize("host", ["admin.localhost", "company.localhost"])
def test_pages_are_on_the_public_host_only(path: str, host: str) -> None:
    make_customer(slug="company")
    reply = get(Client(), path, host)
    assert reply.status_code == 404 or "/login/" in reply["Location"]
