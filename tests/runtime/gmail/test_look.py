"""What is to be fetched, and from where the next look goes on."""

import pytest

from agents.runtime.gmail import history
from agents.runtime.look import Look, look_for_new
from tests.runtime.gmail.conftest import patience


@pytest.fixture
def read(open_as, mailbox):
    """A function that looks as a role and, unless told not to, stores what it found; the look."""

    def read(role="butler", *, keep=True):
        mailbox.forget()
        mailbox.authorise(patience())
        with open_as(role) as store:
            found = look_for_new(mailbox, store, patience())
            if keep:
                messages = [mailbox.message(gmail_id, patience()) for gmail_id in found.unknown]
                store.record(messages, lambda new: [], history_id=found.history_id)
        return found

    return read


def ids(*numbers):
    return [f"m{number}" for number in numbers]


def test_first_look_takes_the_newest_fifty_that_nobody_has_stored(read, gmail):
    gmail.deliver(60)
    assert read() == Look(seen=50, unknown=ids(*range(11, 61)), history_id=str(gmail.history_id))
    assert read("scout") == Look(seen=50, unknown=[], history_id=str(gmail.history_id))


def test_what_another_role_stored_needs_no_fetching(read, gmail):
    gmail.deliver(1)
    read("scout")
    gmail.deliver(2, start=2)
    assert read("butler").unknown == ids(2, 3)
    found = read("scout")
    assert (found.seen, found.unknown) == (2, [])
    assert read("scout").seen == 0


def test_look_that_was_not_stored_is_repeated(read, gmail):
    read()
    gmail.deliver(2)
    assert read(keep=False) == read()
    assert read().unknown == []


def test_expired_history_brings_what_nobody_has_stored(read, gmail):
    gmail.deliver(60)
    read("scout")
    gmail.deliver(5, start=61)
    read("butler")
    gmail.deliver(3, start=66)
    gmail.expire_history()
    found = read("scout")
    assert found.unknown == ids(66, 67, 68)
    assert found.history_id == str(gmail.history_id)
    assert read("scout").seen == 0


def test_resync_goes_back_two_hundred_messages_at_most(read, gmail, meter):
    gmail.deliver(1)
    read()
    gmail.deliver(250, start=2)
    gmail.expire_history()
    meter.clear()
    found = read(keep=False)
    assert (found.unknown, found.seen) == (ids(*range(52, 252)), 200)
    assert meter.gmail_calls == 4


def test_resync_does_not_reach_behind_the_first_look(read, gmail):
    gmail.deliver(80)
    read()
    gmail.deliver(1, start=81)
    gmail.expire_history()
    found = read()
    assert (found.unknown, found.seen) == (ids(81), 81)


def test_long_history_is_read_over_several_ticks(read, gmail, monkeypatch):
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    read()
    gmail.deliver(19)
    assert [len(read().unknown) for _ in range(4)] == [8, 8, 3, 0]
