"""SIGTERM: gone within ten seconds whatever is under way, with nothing half-written."""

import json
import socket
import threading
import time
from unittest import mock

import psycopg
import pytest

from agents.runtime.exits import Exit
from tests.runtime.loopback_gmail import LoopbackGmail, api_error

STOP_SECONDS = 10


@pytest.fixture
def stalling_gmail():
    """A Gmail that takes requests and answers none."""
    server = LoopbackGmail()
    server.stall = True
    yield server
    server.stop()


@pytest.fixture
def silent_aws():
    """An AWS that takes connections and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield server


@pytest.fixture
def locked(customer):
    """A session that lets nobody write an activity until it is rolled back: a tick stops inside its transaction."""
    with psycopg.connect(customer.admin_url) as blocker:
        blocker.execute(f"LOCK TABLE t_{customer.tenant}.activities IN EXCLUSIVE MODE")
        yield blocker


def test_stop_between_ticks_is_quick_and_clean(customer, start_agent):
    agent = start_agent(customer, AGENT_MODE="loop")
    agent.wait_for("tick_done")
    code, seconds = agent.terminate()
    assert code == 0
    assert seconds < 2


def test_what_is_stuck_is_abandoned_in_time_and_leaves_no_row(
    customer, gmail, start_agent, run_agent, stalling_gmail, silent_aws, locked
):
    """All at once, since each takes the whole time of grace."""
    gmail.deliver(5)
    writing, killed = start_agent(customer), start_agent(customer, AGENT_ROLE="scout")
    endpoint = stalling_gmail.url
    reading = start_agent(customer, GMAIL_API_ENDPOINT=endpoint)
    loop = start_agent(customer, GMAIL_API_ENDPOINT=endpoint, AGENT_MODE="loop")
    with connecting_to(silent_aws, customer):
        at_start = start_agent(customer, AGENT_MODE="loop")
        caller, _ = silent_aws.accept()
    wait_for_locks(customer, 2)
    assert stalling_gmail.stalling(2)
    killed.process.kill()
    stopped = [writing, reading, loop, at_start]
    ends = terminate_all(stopped)
    caller.close()
    locked.rollback()
    assert [code for code, _ in ends] == [143] * 4
    assert max(seconds for _, seconds in ends) < STOP_SECONDS
    for agent in stopped:
        assert json.loads(agent.lines[-1])["cause"] == "TERMINATED"
        assert len(agent.events("stopping")) == 1
    assert killed.wait() == -9
    assert settled_rows(customer) == []
    assert run_agent(customer).wait() is Exit.OK
    assert len(customer.rows("inbox_messages")) == 5


def test_what_was_fetched_is_stored_in_time_and_no_engine_is_begun(customer, gmail, run_agent, locked):
    gmail.deliver(5)
    agent = run_agent(customer, AGENT_MODE="loop")
    wait_for_locks(customer, 1)
    agent.ask_to_stop()
    agent.wait_for("stopping")
    locked.rollback()
    assert agent.wait() is Exit.TERMINATED
    assert agent.events("abandoned") == agent.events("engine_started") == []
    assert customer.rows("inbox_messages", "sorted_at") == [(None,)] * 5


def test_stop_while_waiting_for_a_busy_gmail_does_not_wait_on(customer, gmail, run_agent):
    gmail.always = api_error(429, "rateLimitExceeded")
    gmail.always.headers["Retry-After"] = "14"
    agent = run_agent(customer)
    assert gmail.refused.wait(20)
    started = time.monotonic()
    agent.ask_to_stop()
    assert agent.wait() is Exit.TERMINATED
    assert time.monotonic() - started < 2
    assert agent.events("abandoned") == []


def connecting_to(listener, customer):
    """A context in which the customer's agents find their AWS there."""
    return mock.patch.dict(customer.aws_environ, AWS_ENDPOINT_URL=f"http://127.0.0.1:{listener.getsockname()[1]}")


def terminate_all(agents):
    """Sends each SIGTERM, twice, since the second must change nothing; their exit codes and seconds."""
    ends = {}

    def terminate(agent):
        started = time.monotonic()
        agent.ask_to_stop()
        agent.wait_for("stopping")
        ends[agent] = agent.terminate()[0], time.monotonic() - started

    threads = [threading.Thread(target=terminate, args=(agent,)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [ends[agent] for agent in agents]


def wait_for_locks(customer, count):
    """Afterwards that many of the customer's sessions wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
    wait_for_sessions(customer, query, count, "no agent came to its transaction")


def settled_rows(customer):
    """Both tables' rows once the server has noticed that the agents' sessions are gone."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
    wait_for_sessions(customer, query, 0, "an agent's session stayed")
    return customer.rows("inbox_messages") + customer.rows("activities")


def wait_for_sessions(customer, query, count, otherwise):
    deadline = time.monotonic() + 20
    with psycopg.connect(customer.admin_url, autocommit=True) as connection:
        while connection.execute(query, (f"t_{customer.tenant}",)).fetchone() != (count,):
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.05)
