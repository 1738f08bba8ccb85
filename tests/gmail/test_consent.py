"""Connecting Gmail over HTTP, with the embedded Google: the good way, and every way in which it ends otherwise."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from openclaw_site.aws import secrets
from openclaw_site.demo.browser import Browser
from openclaw_site.devstack.world import World
from tenants.gmail.services import connect_url, connection_check
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailConnection, GmailIntent, GmailState, TokenOutbox, User
from tests.factories import make_customer, make_staff

MAILBOX = "olivia@harborline-roofing.example"
OTHER = "jonas@fernweh-travel.example"


@pytest.fixture(autouse=True)
def parts(database: None, aws: World, eager: None) -> None:
    """Everything that a consent touches."""


@pytest.fixture
def customer() -> Customer:
    return make_customer(name="Harborline Roofing", email=MAILBOX)


@pytest.fixture
def google() -> Iterator[httpx.Client]:
    with httpx.Client(follow_redirects=False) as client:
        yield client


def link_of(customer: Customer, actor: User | None = None) -> str:
    with enter_platform():
        return connect_url(customer=customer, actor=actor)


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def get(client: Client, url: str) -> Any:
    return client.get(path_of(url), headers={"host": "localhost"})


def begin(client: Client, link: str) -> str:
    """Open the link and press the button; the address at Google."""
    assert get(client, link).status_code == 200
    intent = httpx.URL(link).params["intent"]
    reply = client.post("/gmail/connect/", {"intent": intent}, headers={"host": "localhost"})
    assert reply.status_code == 302
    return str(reply["Location"])


def consent(address: str, account: str) -> str:
    """Choose `account` at Google; the callback's address."""
    with Browser() as browser:
        page = browser.open(address)
        form = page.form(account)
        browser._client.follow_redirects = False
        reply = browser._client.post(str(httpx.URL(page.url).join(form.action)), data=form.fields)
        assert reply.status_code in (302, 303), reply.text
        return reply.headers["Location"]


def ending(client: Client, callback: str) -> str:
    """The code of the result page that the callback leads to."""
    reply = get(client, callback)
    assert reply.status_code == 302, reply.content
    return httpx.URL(reply["Location"]).params["result"]


def nothing_became_a_login(client: Client) -> bool:
    owner = connections["owner"]
    with owner.cursor() as cursor:
        counts = []
        for model in (SocialAccount, SocialToken, EmailAddress):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')  # noqa: S608
            counts.append(cursor.fetchone()[0])
    return counts == [0, 0, 0] and "_auth_user_id" not in client.session_data()


class Visitor(Client):
    def session_data(self) -> dict[str, Any]:
        from django.contrib.sessions.models import Session

        with enter_platform():
            rows = [session.get_decoded() for session in Session.objects.all()]
        return {key: value for row in rows for key, value in row.items()}


def test_consent_stores_the_token_in_secrets_manager_and_nowhere_else(customer: Customer) -> None:
    client, staff = Visitor(), make_staff()
    callback = consent(begin(client, link_of(customer, staff)), MAILBOX)
    assert ending(client, callback) == "connected"

    value = secrets.get_secret(name=customer.secret_name)
    assert value["refresh_token"]
    assert value["access_token"] == ""
    assert value["scopes"] == list(django_settings.GMAIL_SCOPES)
    with enter_platform():
        connection = GmailConnection.objects.get(tenant=customer)
        assert (connection.state, connection.google_email) == (GmailState.CONNECTED, MAILBOX)
        assert connection.connected_by_id == staff.id
        assert TokenOutbox.objects.count() == 0
    assert nothing_became_a_login(client)


def test_google_account_of_a_staff_address_does_not_sign_in_as_staff(customer: Customer) -> None:
    make_staff(email=MAILBOX)
    client = Visitor()
    assert ending(client, consent(begin(client, link_of(customer)), MAILBOX)) == "connected"
    assert nothing_became_a_login(client)
    admin = client.get("/", headers={"host": "admin.localhost"})
    assert admin.status_code == 302
    assert "/login/" in admin["Location"]


def test_wrong_account(customer: Customer) -> None:
    client = Visitor()
    assert ending(client, consent(begin(client, link_of(customer)), OTHER)) == "wrong-account"
    assert secrets.find_secret(name=customer.secret_name) is None
    with enter_platform():
        assert GmailConnection.objects.get(tenant=customer).state == GmailState.NOT_CONNECTED
        assert GmailIntent.objects.get().used_at is None
    assert nothing_became_a_login(client)


def test_refused_consent(customer: Customer) -> None:
    client = Visitor()
    state = httpx.URL(begin(client, link_of(customer))).params["state"]
    callback = f"/accounts/gmail/login/callback/?error=access_denied&state={state}"
    assert ending(client, callback) == "refused"


def test_missing_scope(customer: Customer) -> None:
    client = Visitor()
    with Browser() as browser:
        page = browser.open(begin(client, link_of(customer)))
        form = page.form(MAILBOX)
        browser._client.follow_redirects = False
        fields = {**form.fields, "withhold": django_settings.GMAIL_SCOPES[0]}
        reply = browser._client.post(str(httpx.URL(page.url).join(form.action)), data=fields)
    assert ending(client, reply.headers["Location"]) == "scope-missing"
    assert secrets.find_secret(name=customer.secret_name) is None


def test_replayed_callback(customer: Customer) -> None:
    client = Visitor()
    callback = consent(begin(client, link_of(customer)), MAILBOX)
    assert ending(client, callback) == "connected"
    assert ending(client, callback) == "session-lost"


def test_used_link(customer: Customer) -> None:
    client, link = Visitor(), link_of(customer)
    ending(client, consent(begin(client, link), MAILBOX))
    assert httpx.URL(get(client, link)["Location"]).params["result"] == "used"


def test_one_link_in_two_browsers_connects_once(customer: Customer) -> None:
    first, second, link = Visitor(), Visitor(), link_of(customer)
    one, two = begin(first, link), begin(second, link)
    assert ending(first, consent(one, MAILBOX)) == "connected"
    assert ending(second, consent(two, MAILBOX)) == "used"


def test_expired_link(customer: Customer) -> None:
    client, link = Visitor(), link_of(customer)
    address = begin(client, link)
    with enter_platform():
        GmailIntent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert httpx.URL(get(client, link)["Location"]).params["result"] == "expired"
    assert ending(client, consent(address, MAILBOX)) == "expired"


@pytest.mark.parametrize("token", ["", "nonsense", "eyJpbnRlbnQiOiJ4In0:1abc:def"])
def test_forged_link(token: str) -> None:
    reply = get(Visitor(), f"/gmail/connect/?intent={token}")
    assert httpx.URL(reply["Location"]).params["result"] == "forged"


def test_lost_session(customer: Customer) -> None:
    callback = consent(begin(Visitor(), link_of(customer)), MAILBOX)
    assert ending(Visitor(), callback) == "session-lost"


def test_customer_that_is_leaving(customer: Customer) -> None:
    client, link = Visitor(), link_of(customer)
    address = begin(client, link)
    with enter_platform():
        Customer.objects.update(state="offboarding")
    assert ending(client, consent(address, MAILBOX)) == "closed"


@pytest.mark.parametrize(
    "path", ["/accounts/gmail/login/", "/accounts/google/login/", "/accounts/login/", "/accounts/signup/"]
)
def test_there_is_no_other_way_into_the_exchange(path: str) -> None:
    assert get(Visitor(), path).status_code == 404


@pytest.mark.parametrize(
    "code", ["wrong-account", "refused", "scope-missing", "used", "expired", "forged", "session-lost"]
)
def test_each_message_says_what_to_do(code: str) -> None:
    reply = get(Visitor(), f"/gmail/done/?result={code}")
    assert reply.status_code == 400
    assert "What to do:" in reply.content.decode()


def test_revoked_token_is_noticed_once_and_mailed_once(customer: Customer, mailoutbox: list[Any]) -> None:
    client = Visitor()
    ending(client, consent(begin(client, link_of(customer)), MAILBOX))
    with enter_platform():
        assert connection_check(customer_id=customer.id) == GmailState.CONNECTED
    value = secrets.get_secret(name=customer.secret_name)
    httpx.post(django_settings.GOOGLE_REVOKE_URL, data={"token": value["refresh_token"]})
    with enter_platform():
        assert connection_check(customer_id=customer.id) == GmailState.NEEDS_RECONNECT
        assert connection_check(customer_id=customer.id) == GmailState.NEEDS_RECONNECT
    assert [mail.to for mail in mailoutbox] == [[MAILBOX]]
    assert value["refresh_token"] not in mailoutbox[0].body
