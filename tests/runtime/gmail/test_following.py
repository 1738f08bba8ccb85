"""From tick to tick an agent asks for what is new and for nothing else, and loses no message on the way."""

import time

import psycopg
import pytest

from agents.runtime import tick
from agents.runtime.exits import Exit
from tests.runtime.factories import ADDRESS
from tests.runtime.loopback_gmail import api_error


@pytest.fixture
def run_once(run_agent, at_google, embedded):
    """A function that runs an agent at the embedded Google once; its usage, as it reported it."""

    def run(role="butler"):
        agent = run_agent(at_google, AGENT_ROLE=role, GMAIL_API_ENDPOINT=embedded.url)
        assert agent.wait() is Exit.OK
        rows = at_google.rows("activities", "kind, data, summary")
        assert "hush" not in agent.text + str(rows)
        return [data for kind, data, _ in rows if kind == "usage"][-1]

    return run


def stored(customer):
    return {row[0] for row in customer.rows("inbox_messages", "gmail_id")}


def reached(customer):
    return dict(customer.rows("mailbox_state", "agent_role, history_id"))


def calls(usage):
    return usage["gmail_calls"], usage["messages_read"]


def test_two_hundred_new_messages_cost_a_call_each_and_one_more(run_once, at_google, embedded):
    embedded.deliver(60)
    assert calls(run_once()) == (50 + 2, 50)
    before = stored(at_google)
    new = embedded.deliver(200)
    assert calls(run_once()) == (200 + 1, 200)
    assert stored(at_google) - before == set(new)
    assert calls(run_once()) == (1, 0)


def test_next_mail_comes_by_history(run_once, at_google, embedded):
    embedded.deliver(1)
    run_once()
    before = reached(at_google)["butler"]
    known = stored(at_google)
    (new,) = embedded.deliver(1)
    assert calls(run_once()) == (2, 1)
    assert stored(at_google) - known == {new}
    assert int(reached(at_google)["butler"]) > int(before)


def test_change_that_brings_no_mail_is_read_past(run_once, at_google, embedded):
    (gmail_id,) = embedded.deliver(1)
    run_once()
    before = reached(at_google)["butler"]
    embedded.google.relabel(ADDRESS, gmail_id, remove=["UNREAD"])
    assert calls(run_once()) == (1, 0)
    assert int(reached(at_google)["butler"]) > int(before)


def test_message_that_is_moved_into_the_inbox_later_is_new_then(run_once, at_google, embedded):
    run_once()
    known = stored(at_google)
    gmail_id = embedded.google.deliver(ADDRESS, sender="a@example.org", subject="hush", text="hush", labels=["UNREAD"])
    assert calls(run_once()) == (1, 0)
    embedded.google.relabel(ADDRESS, gmail_id, add=["INBOX"])
    assert calls(run_once()) == (2, 1)
    assert stored(at_google) - known == {gmail_id}


def test_message_in_the_bin_is_not_stored(run_once, at_google, embedded):
    run_once()
    known = stored(at_google)
    kept, binned, deleted = embedded.deliver(3)
    embedded.google.relabel(ADDRESS, binned, add=["TRASH"])
    embedded.google.delete(ADDRESS, deleted)
    assert calls(run_once()) == (1 + 2, 2)
    assert stored(at_google) - known == {kept}


def test_expired_history_is_made_up_for_in_bounds(run_once, at_google, embedded):
    embedded.deliver(60)
    run_once()
    known = stored(at_google)
    new = embedded.deliver(130)
    embedded.google.expire_history(ADDRESS)
    usage = run_once()
    assert calls(usage) == (130 + 4, 130)
    assert stored(at_google) - known == set(new)
    (newest,) = embedded.deliver(1)
    assert calls(run_once()) == (2, 1)
    assert newest in stored(at_google)


def test_expired_history_with_nothing_new_fetches_nothing(run_once, at_google, embedded):
    embedded.deliver(3)
    run_once()
    (binned,) = embedded.deliver(1)
    embedded.google.delete(ADDRESS, binned)
    embedded.google.expire_history(ADDRESS)
    assert calls(run_once()) == (3, 0)


def test_each_role_reads_for_itself(run_once, at_google, embedded):
    embedded.deliver(2)
    run_once("butler")
    new = embedded.deliver(3)
    known = len(stored(at_google))
    # It stores the new ones, and reads what Butler stored before for itself: once each.
    assert calls(run_once("scout"))[1] == known + 3
    first = reached(at_google)
    assert int(first["scout"]) > int(first["butler"])
    assert calls(run_once("butler")) == (1 + 3, 3)
    assert reached(at_google)["butler"] == reached(at_google)["scout"]
    reads = [(role, data["total"]) for kind, data, role in at_google.activities() if kind == "inbox_read"]
    assert reads[-1] == ("butler", 3)
    assert set(new) <= stored(at_google)


def test_killed_before_the_commit_leaves_the_mail_for_the_next_tick(customer, gmail, start_agent, run_agent):
    gmail.deliver(1)
    assert run_agent(customer).wait() is Exit.OK
    before = reached(customer)
    gmail.deliver(3, start=2)
    with psycopg.connect(customer.admin_url) as blocker:
        blocker.execute(f"LOCK TABLE t_{customer.tenant}.activities IN EXCLUSIVE MODE")
        agent = start_agent(customer)
        wait_for_lock(customer)
        agent.process.kill()
        agent.wait()
        blocker.rollback()
    assert (stored(customer), reached(customer)) == ({"m1"}, before)
    assert run_agent(customer).wait() is Exit.OK
    assert stored(customer) == {"m1", "m2", "m3", "m4"}


def wait_for_lock(customer):
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 20
    with psycopg.connect(customer.admin_url, autocommit=True) as connection:
        while connection.execute(query, (f"t_{customer.tenant}",)).fetchone() != (1,):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_tick_that_runs_out_of_time_goes_on_from_the_same_id(customer, gmail, run_agent, monkeypatch):
    assert run_agent(customer).wait() is Exit.OK
    before = reached(customer)
    gmail.deliver(3)
    with monkeypatch.context() as short:
        short.setattr(tick, "FETCH_SECONDS", -1.0)
        assert run_agent(customer).wait() is Exit.OK
    assert (gmail.gets, reached(customer)) == ([], before)
    assert run_agent(customer).wait() is Exit.OK
    assert gmail.gets == ["m1", "m2", "m3"]
    assert reached(customer) == {"butler": str(gmail.history_id)}


def test_failure_on_the_way_remembers_nothing(customer, gmail, run_agent):
    assert run_agent(customer).wait() is Exit.OK
    before = reached(customer)
    gmail.deliver(2)
    gmail.get_faults = [api_error(403, "insufficientPermissions")]
    assert run_agent(customer).wait() is Exit.GMAIL_REFUSED
    assert (stored(customer), reached(customer)) == (set(), before)


def test_mail_that_comes_while_the_first_look_is_taken_is_found(customer, gmail, run_agent):
    gmail.deliver(1)
    gmail.after_list = lambda: gmail.deliver(1, start=2)
    assert run_agent(customer).wait() is Exit.OK
    assert stored(customer) == {"m1"}
    assert run_agent(customer).wait() is Exit.OK
    assert stored(customer) == {"m1", "m2"}
    assert gmail.lists == 1
