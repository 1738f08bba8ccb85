"""The connection page: how Gmail stands in words, connecting again, and an owner's way to take the permission back."""

import html
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Agent, AgentRun
from agents.selectors import agents_due
from agents.selectors.due import runs_against_pause
from openclaw_site.aws import secrets
from openclaw_site.celery import app
from openclaw_site.devstack.world import World
from tenants.gmail.tasks import connection_disconnect, token_deliver, tokens_sweep
from tenants.isolation.context import enter_platform
from tenants.models import Customer, GmailConnection, GmailIntent, User
from tests.gmail.visit import GMAIL_SCOPE, begin, connected, connection_of, consent, ending, refresh_token_of
from tests.portal.test_team import page
from tests.portal.visitors import PUBLIC, visitor_of


def gmail(customer: Customer, **fields: Any) -> None:
    with enter_platform():
        GmailConnection.objects.filter(tenant=customer).update(**fields)


@pytest.fixture
def google(world: World, aws: World, customer: Customer) -> Iterator[Any]:
    yield world.google
    world.google.withdraw(customer.email)


def test_page_says_how_it_stands_in_words(customer: Customer, member: Client, anna: User) -> None:
    assert "Not connected" in page(member, "/connection/")
    gmail(
        customer,
        state="connected",
        google_email=customer.email,
        connected_at=timezone.now(),
        connected_by_id=anna.pk,
        checked_at=None,
        scopes=[GMAIL_SCOPE, "openid"],
    )
    text = page(member, "/connection/")
    for words in ("Connected.", "Connected since", anna.email, "Not checked yet", "Read your mail and its settings"):
        assert words in text, words
    assert GMAIL_SCOPE not in text
    assert "Only an owner can disconnect Gmail" in text
    assert "Disconnect Gmail …" not in text
    for state, words in (("storing", "being stored"), ("needs_reconnect", "connected again"),
                         ("disconnecting", "Being disconnected")):  # fmt: skip
        gmail(customer, state=state)
        assert words in page(member, "/connection/")


def test_member_connects_again_by_an_intent_of_their_own(
    customer: Customer, anna: User, owner: Client, google: Any, eager: None
) -> None:
    gmail(customer, state="needs_reconnect")
    assert owner.get("/connection/reconnect/").status_code == 405, "a link alone makes no intent"
    reply = owner.post("/connection/reconnect/")
    assert httpx.URL(reply["Location"]).host == PUBLIC
    with enter_platform():
        assert GmailIntent.objects.get().actor == anna
    client = Client()
    assert ending(client, consent(begin(client, reply["Location"]), customer.email)) == "connected"
    found = connection_of(customer)
    assert (found.state, found.connected_by_id) == ("connected", anna.pk)


def test_owner_disconnects_and_google_holds_no_permission_any_more(
    customer: Customer, owner: Client, google: Any, eager: None
) -> None:
    assert connected(customer) == "connected"
    assert "Disconnect Gmail?" in page(owner, "/connection/disconnect/")
    assert connection_of(customer).state == "connected", "a look disconnects nothing"
    token = secrets.get_secret(name=customer.secret_name)
    assert owner.post("/connection/disconnect/").status_code == 302
    found = connection_of(customer)
    assert (found.state, found.google_email, found.scopes, found.error) == ("not_connected", "", [], "")
    secret = secrets.find_secret(name=customer.secret_name)
    assert secret is not None
    assert secret.deleted_at is not None
    answer = httpx.post(
        token["token_uri"],
        data={
            "grant_type": "refresh_token",
            "refresh_token": token["refresh_token"],
            "client_id": token["client_id"],
            "client_secret": token["client_secret"],
        },
    )
    assert answer.status_code == 400
    assert "Gmail is disconnected" in page(owner, "/")
    owner.post("/connection/disconnect/")
    assert "Gmail was not connected." in page(owner, "/connection/")
    assert connected(customer) == "connected", "and it can be connected again"
    assert connection_of(customer).state == "connected"


def test_disconnecting_is_the_provisioners_and_a_lost_message_is_made_up_for(
    customer: Customer, owner: Client, google: Any
) -> None:
    route = app.conf.task_routes["tenants.gmail.tasks.connection_disconnect"]
    assert route == {"queue": "provisioning"}, "no other process may delete a secret"
    gmail(customer, state="connected", google_email=customer.email, connected_at=timezone.now())
    owner.post("/connection/disconnect/")
    assert connection_of(customer).state == "disconnecting"
    app.conf.task_always_eager = True
    try:
        tokens_sweep()
        tokens_sweep()
    finally:
        app.conf.task_always_eager = False
    assert connection_of(customer).state == "not_connected"
    gmail(customer, state="connected")
    connection_disconnect(str(customer.id))
    assert connection_of(customer).state == "connected", "a late message ends no newer connection"


def test_owner_is_told_when_google_was_not(customer: Customer, owner: Client, google: Any, settings: Any) -> None:
    secrets.put_secret(
        name=customer.secret_name,
        value={"refresh_token": refresh_token_of(customer.email)},
        tags={"TenantID": customer.tenant_hex},
    )
    gmail(customer, state="disconnecting", google_email=customer.email, connected_at=timezone.now())
    settings.GOOGLE_REVOKE_URL = "http://127.0.0.1:9/revoke"
    connection_disconnect(str(customer.id))
    assert "myaccount.google.com/permissions" in page(owner, "/connection/")


@pytest.mark.parametrize("state", ["disconnecting", "not_connected"])
def test_agents_of_a_disconnected_customer_stop_and_none_is_started(
    customer: Customer, member: Client, state: str
) -> None:
    with enter_platform():
        agent = Agent.objects.create(tenant=customer, role="butler")
        run = AgentRun.objects.create(tenant=customer, agent=agent, trigger="schedule", state="running")
        gmail(customer, state="connected", connected_at=timezone.now() - timedelta(days=1))
        assert list(runs_against_pause()) == []
        gmail(customer, state=state)
        assert list(runs_against_pause()) == [run]
        AgentRun.objects.update(state="succeeded")
        assert list(agents_due(now=timezone.now())) == []
        gmail(customer, state="connected")
        assert list(agents_due(now=timezone.now())) == [agent]
        gmail(customer, state=state)
    assert "</strong> rests, because Gmail is not connected." in page(member, "/")


def test_disconnecting_is_posted_from_this_host_only(customer: Customer, anna: User) -> None:
    client = visitor_of(customer, anna)
    strict = Client(enforce_csrf_checks=True, headers={"host": customer.host})
    strict.cookies = client.cookies
    gmail(customer, state="connected")
    assert strict.post("/connection/disconnect/").status_code == 403
    assert connection_of(customer).state == "connected"
    assert "csrfmiddlewaretoken" in html.unescape(page(client, "/connection/disconnect/"))


def test_disconnecting_wins_over_a_token_that_is_just_being_stored(
    customer: Customer, owner: Client, google: Any
) -> None:
    assert connected(customer) == "connected"
    assert connection_of(customer).state == "storing", "no worker took it yet"
    owner.post("/connection/disconnect/")
    token_deliver(str(customer.id))
    assert connection_of(customer).state == "disconnecting"
    connection_disconnect(str(customer.id))
    assert connection_of(customer).state == "not_connected"
    secret = secrets.find_secret(name=customer.secret_name)
    assert secret is not None
    assert secret.deleted_at is not None
