"""From configuration to exit status against real parts: what is stored, and what each fault ends with."""

import socket
import uuid

import psycopg
import pytest

from agents.runtime import retry
from agents.runtime.exits import Exit
from tests.runtime.customer import AgentCustomer
from tests.runtime.loopback_gmail import Answer, api_error


@pytest.fixture
def without_activities(customer):
    """The customer's schema lacks a table."""
    with psycopg.connect(customer.admin_url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE t_{customer.tenant}.activities RENAME TO elsewhere")
        yield
        connection.execute(f"ALTER TABLE t_{customer.tenant}.elsewhere RENAME TO activities")


def test_message_is_fetched_once_a_role_however_often_it_is_used(customer, gmail, run_agent):
    gmail.deliver(3)
    assert run_agent(customer).wait() is Exit.OK
    gmail.gets.clear()
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    assert sorted(gmail.gets) == ["m1", "m2", "m3"]
    gmail.gets.clear()
    gmail.deliver(1, start=4)
    assert run_agent(customer, AGENT_ROLE="scout").wait() is Exit.OK
    assert gmail.gets == ["m4"]
    assert len(customer.rows("inbox_messages")) == 4
    reads = [(data["new"], role) for kind, data, role in customer.activities() if kind == "inbox_read"]
    assert sorted(reads) == [(0, "scout"), (1, "scout"), (3, "butler")]


def test_first_run_takes_the_fifty_newest_and_later_ones_everything_since(customer, gmail, run_agent):
    gmail.deliver(60)
    assert run_agent(customer).wait() is Exit.OK
    stored = {row[0] for row in customer.rows("inbox_messages", "gmail_id")}
    assert stored == {f"m{number}" for number in range(11, 61)}
    gmail.deliver(75, start=61)
    assert run_agent(customer).wait() is Exit.OK
    stored = {row[0] for row in customer.rows("inbox_messages", "gmail_id")}
    assert stored == {f"m{number}" for number in range(11, 136)}
    assert (gmail.lists, gmail.histories) == (1, 1)


def test_empty_mailbox_is_a_proof_of_life_too(customer, run_agent):
    assert run_agent(customer).wait() is Exit.OK
    kinds = [kind for kind, _, _ in customer.activities()]
    assert kinds == ["proof_of_life", "usage"]


def test_message_deleted_meanwhile_is_left_out(customer, gmail, run_agent):
    gmail.deliver(3)
    gmail.get_faults = [api_error(404, "notFound")]
    assert run_agent(customer).wait() is Exit.OK
    assert sorted(customer.rows("inbox_messages", "gmail_id")) == [("m2",), ("m3",)]


def test_busy_gmail_is_tried_again(customer, gmail, run_agent, monkeypatch):
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)
    gmail.deliver(2)
    gmail.token_faults = [Answer(503, {"error": "internal_failure"})]
    gmail.list_faults = [api_error(429, "rateLimitExceeded"), api_error(403, "userRateLimitExceeded")]
    gmail.get_faults = [Answer(200, b"<html>"), api_error(500, "backendError")]
    assert run_agent(customer).wait() is Exit.OK
    usage = {kind: data for kind, data, _ in customer.activities()}["usage"]
    assert (usage["gmail_calls"], usage["messages_read"]) == (8, 2)


def test_access_token_that_ran_out_is_refreshed(customer, gmail, run_agent):
    gmail.list_faults = [api_error(401, "authError")]
    assert run_agent(customer).wait() is Exit.OK
    assert gmail.refreshes == 2


def test_no_connection_to_gmail_outlives_the_run(customer, gmail, run_agent):
    gmail.deliver(1)
    gmail.stall = True
    agent = run_agent(customer)
    assert gmail.stalling(1)
    assert gmail.connections > 0
    gmail.release()
    assert agent.wait() is Exit.OK
    assert gmail.hung_up()


def test_gmail_that_stays_away(customer, gmail, run_agent):
    gmail.always = Answer(503, {}, {"Retry-After": "60"})
    assert run_agent(customer).wait() is Exit.GMAIL_UNREACHABLE
    assert customer.rows("activities") == []


def test_other_accounts_mailbox_is_refused(customer, gmail, run_agent):
    gmail.deliver(2)
    gmail.address = "somebody@else.example"
    agent = run_agent(customer)
    assert agent.wait() is Exit.GMAIL_REFUSED
    assert "else.example" not in agent.text
    assert customer.rows("inbox_messages") == []


def test_secret_missing(customer, run_agent):
    customer.disconnect_gmail()
    assert run_agent(customer).wait() is Exit.SECRET_UNREADABLE


def test_secret_that_lacks_a_field(customer, gmail, run_agent):
    customer.connect_gmail(gmail.secret(refresh_token=""))
    agent = run_agent(customer)
    assert agent.wait() is Exit.SECRET_UNREADABLE
    assert "the secret lacks refresh_token" in agent.text
    assert "hush" not in agent.text


def test_secret_that_would_send_the_token_away(customer, gmail, run_agent):
    customer.connect_gmail(gmail.secret(token_uri="http://tokens.example/token"))
    agent = run_agent(customer)
    assert agent.wait() is Exit.SECRET_UNREADABLE
    assert "tokens.example" not in agent.text


def test_role_of_another_customer_reads_nothing(customer, provision, world, gmail, run_agent):
    gmail.deliver(1)
    other = AgentCustomer(provision("else@other.example"), world)
    customer.aws_environ.update(other.aws_environ)
    agent = run_agent(customer)
    assert agent.wait() is Exit.IDENTITY_MISMATCH
    assert f"AWS role is t_{other.tenant}, expected t_{customer.tenant}" in agent.text
    assert (gmail.refreshes, gmail.lists) == (0, 0)


def test_name_of_another_customer_is_named(customer, gmail, run_agent):
    agent = run_agent(customer, GMAIL_SECRET_NAME=f"/openclaw/{uuid.uuid4().hex}/gmail-oauth")
    assert agent.wait() is Exit.IDENTITY_MISMATCH
    assert agent.events("start_failed")[0]["detail"] == "not of this customer: GMAIL_SECRET_NAME"
    assert gmail.refreshes == 0


def test_database_that_is_not_there(customer, run_agent):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        agent = run_agent(customer, DATABASE_PORT=str(deaf.getsockname()[1]))
        assert agent.wait() is Exit.DATABASE_UNREACHABLE


def test_table_that_is_not_there(customer, run_agent, without_activities):
    agent = run_agent(customer)
    assert agent.wait() is Exit.DATABASE_UNREACHABLE
    assert "42P01" in agent.text


def test_taken_health_port(customer, gmail, run_agent):
    taken = gmail.url.rpartition(":")[2]
    assert run_agent(customer, HEALTH_PORT=taken).wait() is Exit.CONFIG
